import { setTimeout as sleep } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { createPostgresDatabase } from '../store/test/open-test-stores.ts'
import { refresh, signedIn } from '../test/flows.ts'
import { type PostgresProxy, startPostgresProxy } from '../test/postgres-proxy.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'

const CHAINS = 8
const seconds = process.env.PORTICO_TEST_ALL ? 30 : 2

/** One client that refreshes all the time, each time with the newest token it was given. */
interface Chain {
  token: string
  familyId: string
  /** Times of its good answers. */
  successes: number[]
  unavailable: number
  /** Answers that are neither. */
  others: unknown[]
}

async function aChain(app: TestApp): Promise<Chain> {
  const { refreshToken, accessToken } = await signedIn(app)
  return {
    token: refreshToken,
    familyId: String(decodeJwt(accessToken).sid),
    successes: [],
    unavailable: 0,
    others: [],
  }
}

/** A good client: keeps its token until it has another, and waits a moment when it is told to. */
async function keepRefreshing(app: TestApp, chain: Chain, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const { status, headers, body } = await refresh(app, { token: chain.token })
    if (status === 200) {
      chain.token = String(body.refresh_token)
      chain.successes.push(performance.now())
    } else if (status === 503 && Number(headers['retry-after']) > 0) {
      chain.unavailable++
      await sleep(50)
    } else {
      chain.others.push({ status, body })
      return
    }
  }
}

describe('while clients refresh all the time', () => {
  let direct: Store
  let proxy: PostgresProxy
  let throughProxy: Store
  let app: TestApp
  let remove: () => Promise<void>
  beforeAll(async () => {
    const database = await createPostgresDatabase()
    remove = database.remove
    direct = await openStore(database.url)
    proxy = await startPostgresProxy(database.url)
    throughProxy = await openStore(proxy.url)
    app = await startTestApp({ store: throughProxy, expectsErrors: true })
  })
  afterAll(async () => {
    await app.close()
    await Promise.all([throughProxy.close(), direct.close()])
    await proxy.stop()
    await remove()
  })

  /** Lets everybody refresh while `trouble` happens again and again; answers with the moments it was over. */
  async function underTrouble(trouble: () => Promise<void>): Promise<{ chains: Chain[]; ends: number[] }> {
    const chains = await Promise.all(Array.from({ length: CHAINS }, () => aChain(app)))
    let isOver = false
    const clients = chains.map((chain) => keepRefreshing(app, chain, () => isOver))
    const ends: number[] = []
    const until = performance.now() + seconds * 1000
    while (performance.now() < until) {
      await trouble()
      ends.push(performance.now())
    }
    await sleep(1000)
    isOver = true
    await Promise.all(clients)
    return { chains, ends }
  }

  async function expectNothingLost(chains: Chain[]): Promise<void> {
    expect(chains.flatMap(({ others }) => others)).toEqual([])
    for (const { token } of chains) expect((await refresh(app, { token })).status).toBe(200)
    for (const { familyId } of chains) {
      const tokens = direct.db.selectFrom('refresh_tokens').selectAll().where('family_id', '=', familyId)
      expect(await tokens.where('consumed_at', 'is', null).execute()).toHaveLength(1)
    }
    const alarms = direct.db.selectFrom('audit').selectAll().where('event', '=', 'token.reused')
    expect(await alarms.execute()).toEqual([])
  }

  it('a database that ends their connections five times a second costs nobody a session', {
    timeout: (seconds + 20) * 1000,
  }, async () => {
    const { chains } = await underTrouble(async () => {
      await sleep(200)
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`.execute(direct.db)
    })
    await expectNothingLost(chains)
    for (const { successes } of chains) expect(successes.length).toBeGreaterThan(seconds)
  })

  it('a database that goes away and comes back costs nobody a session, and is used again within two seconds', {
    timeout: (seconds + 20) * 1000,
  }, async () => {
    const { chains, ends } = await underTrouble(async () => {
      await sleep(500)
      await proxy.stop()
      await sleep(700)
      await proxy.start()
    })
    await expectNothingLost(chains)
    expect(chains.every(({ unavailable }) => unavailable > 0)).toBe(true)
    for (const { successes } of chains) {
      for (const end of ends) expect(successes.find((moment) => moment > end)).toBeLessThan(end + 2000)
    }
  })
})
