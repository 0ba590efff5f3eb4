import { setImmediate as letOthersRun } from 'node:timers/promises'
import type { Db, Store } from './store.ts'

const stepRows = 500

export interface SweepCounts {
  engine_records: number
  refresh_tokens: number
  families: number
}

/** Deletes what is past its end, in steps short enough that nobody waits for the write lock. */
export async function sweepExpired(store: Pick<Store, 'db'>, now: number): Promise<SweepCounts> {
  return {
    engine_records: await inSteps(() => engineRecordsStep(store.db, now)),
    // Before the families, whose deletion would otherwise take any number of tokens along in one step.
    refresh_tokens: await inSteps(() => refreshTokensStep(store.db, now)),
    families: await inSteps(() => familiesStep(store.db, now)),
  }
}

async function inSteps(step: () => Promise<bigint>): Promise<number> {
  let total = 0
  for (;;) {
    const deleted = Number(await step())
    total += deleted
    if (deleted < stepRows) return total
    await letOthersRun()
  }
}

async function engineRecordsStep(db: Db, now: number): Promise<bigint> {
  const { numDeletedRows } = await db
    .deleteFrom('engine_records')
    .where((eb) =>
      eb(
        eb.refTuple('tenant', 'model', 'id_hash'),
        'in',
        eb
          .selectFrom('engine_records')
          .select(['tenant', 'model', 'id_hash'])
          .where('expires_at', '<=', now)
          .limit(stepRows)
          .$asTuple('tenant', 'model', 'id_hash'),
      ),
    )
    .executeTakeFirst()
  return numDeletedRows
}

async function refreshTokensStep(db: Db, now: number): Promise<bigint> {
  const { numDeletedRows } = await db
    .deleteFrom('refresh_tokens')
    .where((eb) =>
      eb(
        eb.refTuple('tenant', 'token_hash'),
        'in',
        eb
          .selectFrom('refresh_tokens')
          .select(['tenant', 'token_hash'])
          .where('idle_end', '<=', now)
          .limit(stepRows)
          .$asTuple('tenant', 'token_hash'),
      ),
    )
    .executeTakeFirst()
  return numDeletedRows
}

async function familiesStep(db: Db, now: number): Promise<bigint> {
  const { numDeletedRows } = await db
    .deleteFrom('families')
    .where((eb) =>
      eb(
        eb.refTuple('tenant', 'id'),
        'in',
        eb
          .selectFrom('families')
          .select(['tenant', 'id'])
          .where('absolute_end', '<=', now)
          .limit(stepRows)
          .$asTuple('tenant', 'id'),
      ),
    )
    .executeTakeFirst()
  return numDeletedRows
}
