import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { findRecord } from '../store/engine-records.ts'
import { findFamily } from '../store/families.ts'
import { openStore } from '../store/open-store.ts'
import type { FamilyRow } from '../store/tables.ts'
import { copySqliteFile, describeStores } from '../store/test/open-test-stores.ts'
import { createDpopKey, type DpopKey } from '../test/dpop-key.ts'
import {
  aPkce,
  authorizeUrl,
  obtainCode,
  type Pkce,
  postToEndpoint,
  redeem,
  refresh,
  signedIn,
  type TokenResponse,
} from '../test/flows.ts'
import { startNodes } from '../test/start-nodes.ts'
import { stepping } from '../test/stepping-store.ts'
import { type ReachableApp, startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { APP_ORIGIN, ISSUER } from '../test/test-config.ts'
import { userinfo } from '../test/userinfo.ts'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }
const repeats = process.env.PORTICO_TEST_ALL ? 20 : 2
const TIMEOUT_MS = 60_000 * repeats

/** Somebody signed in at the catalog who has one more code, not yet redeemed. */
interface Somebody {
  browser: TestBrowser
  key: DpopKey | undefined
  code: string
  pkce: Pkce
  accessToken: string
  refreshToken: string
  idToken: string
}

interface Request {
  /** What a node is busy with when it dies. */
  send(app: ReachableApp, somebody: Somebody): Promise<unknown>
  /** The same person tries again, elsewhere: it works, and nothing happened twice. */
  tryAgain(app: TestApp, somebody: Somebody): Promise<void>
}

const requests: Record<string, Request> = {
  'a code is redeemed': {
    send: redeem,
    async tryAgain(app, somebody) {
      const wasBought = (await loginOfCode(app, somebody)) !== undefined
      const answer = await redeem(app, somebody)
      // Spent with its answer lost, a code is refused, and what it bought is left alone: the client starts over.
      if (wasBought) expect(answer).toMatchObject(invalidGrant)
      await expectGoodTokens(app, somebody, wasBought ? await anotherCode(app, somebody) : answer)
      expect(await loginOfCode(app, somebody)).toMatchObject({ ended_at: null })
    },
  },
  'a token is refreshed': {
    send: (app, { refreshToken, key }) => refresh(app, { token: refreshToken, key }),
    async tryAgain(app, somebody) {
      const { refreshToken, key } = somebody
      const answer = await refresh(app, { token: refreshToken, key })
      expect(await countLeaves(app, somebody)).toBe(1)
      await expectGoodTokens(app, somebody, answer)
      const repeated = await refresh(app, { token: refreshToken, key })
      expect(repeated.body.refresh_token).toBe(answer.body.refresh_token)
      expect(await countLeaves(app, somebody)).toBe(1)
    },
  },
  'a token is revoked': {
    send: revoke,
    async tryAgain(app, somebody) {
      expect((await revoke(app, somebody)).status).toBe(200)
      await expectOver(app, somebody)
    },
  },
  'somebody signs out': {
    send: (app, somebody) => signOut(somebody.browser.at(app.server), somebody),
    async tryAgain(app, somebody) {
      const browser = somebody.browser.at(app.server)
      expect((await signOut(browser, somebody)).location?.href).toBe(`${APP_ORIGIN}/`)
      await expectOver(app, somebody)
      expect(await redeem(app, somebody)).toMatchObject(invalidGrant)
      const { location } = await browser.open(authorizeUrl(aPkce(), { prompt: 'none' }))
      expect(location?.searchParams.get('error')).toBe('login_required')
    },
  },
}

function revoke(app: ReachableApp, { refreshToken }: Somebody) {
  return postToEndpoint(app, 'revoke', { token: refreshToken, client_id: 'catalog' })
}

function signOut(browser: TestBrowser, { idToken }: Somebody) {
  const parameters = { id_token_hint: idToken, post_logout_redirect_uri: `${APP_ORIGIN}/` }
  return browser.get(`${ISSUER}/logout?${new URLSearchParams(parameters)}`)
}

async function anotherCode(app: TestApp, { browser, key }: Somebody): Promise<TokenResponse> {
  const pkce = aPkce()
  return redeem(app, { code: await obtainCode(browser.at(app.server), pkce), pkce, key })
}

async function expectGoodTokens(app: TestApp, { key }: Somebody, { status, body }: TokenResponse): Promise<void> {
  expect({ status, body }).toMatchObject({ status: 200 })
  const { access_token: accessToken = '', refresh_token: token = '' } = body
  expect((await userinfo(app, accessToken, { key })).status).toBe(200)
  expect((await refresh(app, { token, key })).status).toBe(200)
}

async function expectOver(app: TestApp, { refreshToken, accessToken, key }: Somebody): Promise<void> {
  expect(await refresh(app, { token: refreshToken, key })).toMatchObject(invalidGrant)
  expect((await userinfo(app, accessToken, { key })).status).toBe(401)
}

/** The login that somebody's code has bought. */
async function loginOfCode({ store }: TestApp, { code }: Somebody): Promise<FamilyRow | undefined> {
  const record = await findRecord(store.db, { tenant: 'demo', model: 'AuthorizationCode', id: code })
  return findFamily(store.db, 'demo', String(record?.payload.grantId))
}

async function countLeaves(app: TestApp, { accessToken }: Somebody): Promise<number> {
  const { sid } = decodeJwt(accessToken)
  const tokens = app.store.db.selectFrom('refresh_tokens').selectAll().where('family_id', '=', String(sid))
  return (await tokens.where('consumed_at', 'is', null).execute()).length
}

/** One request, and the step after which its node dies. */
interface Death {
  request: Request
  step: number
  somebody: Somebody
}

/** A node is killed (SIGKILL) after each write and each commit of a request, before the next one or the answer. */
describe('a node that is killed', () => {
  describeStores((_openTestStore, databaseUrl) => {
    const isSqlite = () => databaseUrl().startsWith('sqlite:')

    it('leaves all of a request or nothing, and whoever tries again goes on', { timeout: TIMEOUT_MS }, async () => {
      for (let round = 0; round < repeats; round++) {
        const isBound = round % 2 === 1
        const deaths = await withNode(databaseUrl(), (app) => prepareDeaths(app, isBound))
        const worlds = await Promise.all(deaths.map(() => worldOfItsOwn()))
        await dieAtOnce(
          deaths,
          worlds.map(({ url }) => url),
        )
        for (const url of new Set(worlds.map((world) => world.url))) {
          await withNode(url, async (app) => {
            const here = deaths.filter((_, index) => worlds[index]?.url === url)
            for (const { request, somebody } of here) await request.tryAgain(app, somebody)
          })
        }
        await Promise.all(worlds.map((world) => world.remove()))
      }
    })

    /** Requests stand still in the middle of a transaction: on SQLite nobody else could write meanwhile. */
    async function worldOfItsOwn(): Promise<{ url: string; remove(): Promise<void> }> {
      return isSqlite() ? copySqliteFile(databaseUrl()) : { url: databaseUrl(), remove: async () => {} }
    }
  })
})

/** Everybody who will be in the middle of something: for each request one for each of its steps. */
async function prepareDeaths(app: SteppingApp, isBound: boolean): Promise<Death[]> {
  const deaths: Death[] = []
  for (const request of Object.values(requests)) {
    const rehearsing = await aSomebody(app, isBound)
    const steps = await app.countSteps(() => request.send(app, rehearsing))
    expect(steps).toBeGreaterThan(1)
    for (let step = 1; step <= steps; step++) {
      deaths.push({ request, step, somebody: await aSomebody(app, isBound) })
    }
  }
  return deaths
}

async function aSomebody(app: TestApp, isBound: boolean): Promise<Somebody> {
  const key = isBound ? await createDpopKey() : undefined
  const login = await signedIn(app, key ? { key } : {})
  const pkce = aPkce()
  return { ...login, key, pkce, code: await obtainCode(login.browser, pkce) }
}

/** All of them in one process, which is killed as soon as each has come to its step. */
async function dieAtOnce(deaths: Death[], urls: string[]): Promise<void> {
  const orders = deaths.map(({ step }, index) => ({ databaseUrl: urls[index] ?? '', haltAfter: step }))
  const dying = await startNodes(orders)
  const answered: Death[] = []
  for (const [index, death] of deaths.entries()) {
    const sent = death.request.send(dying.nodes[index] as ReachableApp, death.somebody)
    sent.then(
      () => answered.push(death),
      () => {},
    )
  }
  await Promise.all(deaths.map((_, index) => dying.halted(index)))
  await dying.kill()
  expect(answered).toEqual([])
}

interface SteppingApp extends TestApp {
  /** How many writes and commits a request takes when nobody dies. */
  countSteps(send: () => Promise<unknown>): Promise<number>
}

async function withNode<T>(url: string, work: (app: SteppingApp) => Promise<T>): Promise<T> {
  let steps = 0
  const inner = await openStore(url)
  const store = stepping(inner, (step) => {
    steps = step
  })
  const app = await startTestApp({ store })
  const countSteps = async (send: () => Promise<unknown>) => {
    steps = 0
    await store.run(send)
    return steps
  }
  try {
    return await work({ ...app, countSteps })
  } finally {
    await app.close()
    await inner.close()
  }
}
