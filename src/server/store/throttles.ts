import { prepareQuery } from './prepared-query.ts'
import type { Db } from './store.ts'
import type { ThrottleRow } from './tables.ts'

export interface ThrottleUse {
  name: string
  /** Points to add; fewer than none gives some back. */
  points: number
  /** When a row that begins now ends: one that is running keeps its end. */
  expiresAt: number
  /** Nothing ends later than this, unless a clock has jumped: such a row counts as over. */
  latestEnd: number
  now: number
}

/** Adds points in one statement, so that callers at once, on any number of nodes, are all counted. */
export async function addThrottlePoints(db: Db, use: ThrottleUse): Promise<ThrottleRow> {
  const { rows } = await add(db, use)
  return rows[0] as ThrottleRow
}

const add = prepareQuery<ThrottleUse, ThrottleRow>((db, value) =>
  db
    .insertInto('throttles')
    .values({ name: value('name'), points: value('points'), expires_at: value('expiresAt') })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => {
        const isRunning = eb.and([
          eb('throttles.expires_at', '>', value('now')),
          eb('throttles.expires_at', '<=', value('latestEnd')),
        ])
        return {
          points: eb
            .case()
            .when(isRunning)
            .then(eb('throttles.points', '+', eb.ref('excluded.points')))
            .else(eb.ref('excluded.points'))
            .end(),
          expires_at: eb
            .case()
            .when(isRunning)
            .then(eb.ref('throttles.expires_at'))
            .else(eb.ref('excluded.expires_at'))
            .end(),
        }
      }),
    )
    .returningAll(),
)

/** Sets points and end, whatever was there. */
export async function setThrottle(db: Db, row: ThrottleRow): Promise<ThrottleRow> {
  await db
    .insertInto('throttles')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({
        points: eb.ref('excluded.points'),
        expires_at: eb.ref('excluded.expires_at'),
      })),
    )
    .execute()
  return row
}

/** The rows of these names, also those whose time is over. */
export async function findThrottles(db: Db, names: readonly string[]): Promise<ThrottleRow[]> {
  return db.selectFrom('throttles').selectAll().where('name', 'in', names).execute()
}

/** Forgets what was counted. */
export async function deleteThrottle(db: Db, name: string): Promise<void> {
  await db.deleteFrom('throttles').where('name', '=', name).execute()
}
