import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { startReceiver, until } from '../events/test/receiver.ts'
import { hashOf } from '../store/hash.ts'
import { openStore } from '../store/open-store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import { createDpopKey } from '../test/dpop-key.ts'
import { obtainGuestCode, redeem, refresh, signInAsGuest, startGuest } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aConfig, ISSUER, REDIRECT_URI } from '../test/test-config.ts'
import type { LastOrders } from './test/redeem-and-die.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('./test/redeem-and-die.ts', import.meta.url))
const repeats = process.env.PORTICO_TEST_ALL ? 20 : 1
const TIMEOUT_MS = 120_000 * repeats
const AT_ONCE = 3
/** A node that dies takes along what it held of a network's share, and here they die all the time. */
const limits = { guest_burst: 100_000, guests_per_minute: 100_000 }
/** So many servers start here that it pays not to compile each anew. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') }

/**
 * A node is killed (SIGKILL) at each point of the transaction that redeems a code and upgrades its guest: after every
 * write, and after the commit. Then a node starts on the same database.
 */
describe('a node that dies while a guest becomes a member', () => {
  describeStores((_openTestStore, databaseUrl) => {
    let webhooks: { url: string; secret: string; events: string[] }[]
    beforeAll(async () => {
      // Nobody listens there until the node is back.
      const shop = await startReceiver()
      webhooks = [shop.webhook]
      await shop.close()
    })

    it('leaves all of it or nothing, and the same code then works', { timeout: TIMEOUT_MS }, async () => {
      const [rehearsal] = await withNode((app) => signInMany(app, 1))
      const { status, points } = JSON.parse(await send(rehearsal as SignIn, 0))
      expect(status).toBe(200)
      expect(points).toBeGreaterThanOrEqual(9)
      for (let round = 0; round < repeats; round++) await dieAtEachOf(points)
    })

    async function dieAtEachOf(points: number): Promise<void> {
      const signIns = await withNode((app) => signInMany(app, points))
      await inTurns(signIns, (signIn, index) => expectKilled(signIn, index + 1))
      const shop = await startReceiver({ port: Number(new URL(webhooks[0]?.url ?? '').port) })
      const about = ({ sessionId }: SignIn) => shop.received.filter(({ body }) => body.includes(sessionId))
      await withNode(async (app) => {
        const wasThere: boolean[] = []
        for (const signIn of signIns) wasThere.push(await expectAllOrNothing(app, signIn))
        // Only what was killed after its commit.
        expect(wasThere).toEqual(signIns.map((_, index) => index + 1 === points))
        await until(() => signIns.every((signIn) => about(signIn).length > 0))
      })
      for (const signIn of signIns) expect(new Set(about(signIn).map(({ id }) => id)).size).toBe(1)
      await shop.close()
    }

    async function withNode<T>(work: (app: TestApp) => Promise<T>): Promise<T> {
      const store = await openStore(databaseUrl())
      const app = await startTestApp({ store, config: aConfig({ tenant: { webhooks }, file: { limits } }) })
      try {
        return await work(app)
      } finally {
        await app.close()
        await store.close()
      }
    }

    /** Hands a sign-in to a node of its own; answers with what that says before it ends, if it lives. */
    async function send({ code, pkce, key }: SignIn, dieAt: number): Promise<string> {
      const orders: LastOrders = {
        databaseUrl: databaseUrl(),
        webhooks,
        form: {
          grant_type: 'authorization_code',
          client_id: 'catalog',
          code,
          code_verifier: pkce.verifier,
          redirect_uri: REDIRECT_URI,
        },
        proof: await key.proof({ url: `${ISSUER}/token` }),
        dieAt,
      }
      return (await run(process.execPath, [program, JSON.stringify(orders)], { env })).stdout
    }

    async function expectKilled(signIn: SignIn, dieAt: number): Promise<void> {
      await expect(send(signIn, dieAt)).rejects.toMatchObject({ signal: 'SIGKILL' })
    }
  })
})

type SignIn = Awaited<ReturnType<typeof signInMany>>[number]

/** People of one browser who have come back to the app with a code, each of them a guest until now. */
async function signInMany(app: TestApp, count: number) {
  const browser = app.browser()
  const signIns = []
  for (let index = 0; index < count; index++) {
    const key = await createDpopKey()
    const { refreshToken, sessionId } = await startGuest(app, { key })
    const { code, pkce } = await obtainGuestCode(app, refreshToken, { browser, key })
    signIns.push({ key, guestToken: refreshToken, sessionId, code, pkce })
  }
  return signIns
}

/** Whether the upgrade was there; where it wasn't, it is now, by the same code. */
async function expectAllOrNothing(app: TestApp, signIn: SignIn): Promise<boolean> {
  const { key, guestToken, sessionId } = signIn
  const found = await traces(app, signIn)
  const counts = Object.values(found)
  expect(counts, JSON.stringify(found)).toEqual(counts.map(() => counts[0]))
  const wasThere = counts[0] === 1
  const retried = await redeem(app, signIn)
  if (wasThere) expect(retried).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  else expect(retried.body).toMatchObject({ session_id: sessionId, guest_upgrade: 'pending' })
  expect(Object.values(await traces(app, signIn))).toEqual(counts.map(() => 1))
  expect((await refresh(app, { token: guestToken, key })).status).toBe(400)
  // Whoever never heard of their upgrade signs in again, and loses nothing but the name of the session.
  if (wasThere) expect((await signInAsGuest(app, guestToken, { key })).body.guest_upgrade).toBe('none')
  return wasThere
}

/** How many rows tell of this upgrade, by what they are. */
async function traces(app: TestApp, { sessionId, code }: SignIn) {
  const { db } = app.store
  const families = await db.selectFrom('families').selectAll().where('session_id', '=', sessionId).execute()
  const [family] = families
  const tokens = db
    .selectFrom('refresh_tokens')
    .selectAll()
    .where('family_id', '=', family?.id ?? '')
  const ended = db.selectFrom('ended_guests').selectAll().where('session_hash', '=', hashOf(sessionId))
  const upgrades = db.selectFrom('guest_upgrades').selectAll().where('session_id', '=', sessionId)
  const events = db.selectFrom('outbox').selectAll().where('body', 'like', `%${sessionId}%`)
  const spent = db
    .selectFrom('engine_records')
    .selectAll()
    .where('model', '=', 'AuthorizationCode')
    .where('id_hash', '=', hashOf(code))
    .where('consumed_at', 'is not', null)
  return {
    families: families.filter(({ ended_at }) => ended_at === null).length,
    tokens: (await tokens.execute()).length,
    ended: (await ended.execute()).length,
    upgrades: (await upgrades.execute()).length,
    events: (await events.execute()).length,
    spent: (await spent.execute()).length,
  }
}

/** A few at a time: each is a whole server. */
async function inTurns<Item>(items: Item[], work: (item: Item, index: number) => Promise<void>): Promise<void> {
  const waiting = items.entries()
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (const [index, item] of waiting) await work(item, index)
  })
  await Promise.all(workers)
}
