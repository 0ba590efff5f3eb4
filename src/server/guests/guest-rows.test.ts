import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Db } from '../store/store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import { refresh, startGuest } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aConfig } from '../test/test-config.ts'

const everything = process.env.PORTICO_TEST_ALL !== undefined
/** On PostgreSQL it is the same code: a tenth says as much. */
const guestsOn = (url: string) => (url.startsWith('sqlite:') || everything ? 10_000 : 1_000)
const AT_ONCE = 50
const limits = { guest_burst: 20_000, guest_burst_total: 20_000 }

describe('ten thousand guests who come and refresh', () => {
  describeStores((openTestStore, databaseUrl) => {
    let app: TestApp
    beforeAll(async () => {
      app = await startTestApp({ store: await openTestStore(), config: aConfig({ file: { limits } }) })
    })
    afterAll(() => app.close())

    it('leave no row and no byte behind, but how many a network may still make', { timeout: 40_000 }, async () => {
      await comeAndRefresh(app)
      const before = await measure(app.store.db, databaseUrl())
      const guests = guestsOn(databaseUrl())
      const sessions = new Set<string>()
      for (let made = 0; made < guests; made += AT_ONCE) {
        for (const session of await Promise.all(Array.from({ length: AT_ONCE }, () => comeAndRefresh(app)))) {
          sessions.add(session)
        }
      }
      expect(sessions.size).toBe(guests)
      expect(await measure(app.store.db, databaseUrl())).toEqual(before)
      expect(before.rows.rate_buckets).toBe(2)
      expect(before.rows).toMatchObject({
        ended_guests: 0,
        families: 0,
        refresh_tokens: 0,
        engine_records: 0,
        outbox: 0,
      })
    })
  })
})

async function comeAndRefresh(app: TestApp): Promise<string> {
  const guest = await startGuest(app)
  const renewed = await refresh(app, { token: guest.refreshToken })
  expect(renewed.body.session_id).toBe(guest.sessionId)
  return guest.sessionId
}

/** Rows of every table, and the bytes of a SQLite file. */
async function measure(db: Db, url: string) {
  const tables = (await db.introspection.getTables()).map(({ name }) => name)
  const rows: Record<string, number> = {}
  for (const name of tables) {
    const counted = await sql<{ n: number }>`select count(*) as n from ${sql.table(name)}`.execute(db)
    rows[name] = Number(counted.rows[0]?.n)
  }
  return { rows, bytes: url.startsWith('sqlite:') ? await sqliteBytes(db) : 0 }
}

async function sqliteBytes(db: Db): Promise<number> {
  const size = sql<{ n: number }>`select page_count * page_size as n from pragma_page_count(), pragma_page_size()`
  return Number((await size.execute(db)).rows[0]?.n)
}
