import { setImmediate as letOthersRun } from 'node:timers/promises'
import { LOGOUT_NOTICE } from './logout-listeners.ts'
import type { Db, Store } from './store.ts'

const stepRows = 500
/** Delivered events stay this long for whoever asks what was sent. */
const deliveredKeptMs = 7 * 86_400_000
/** An app that was down over a weekend still hears who has signed out; what it kept for longer it has to end by itself. */
const logoutNoticeKeptMs = 3 * 86_400_000

export interface SweepCounts {
  engine_records: number
  refresh_tokens: number
  families: number
  ended_guests: number
  outbox: number
  rate_buckets: number
  revoked_tokens: number
  throttles: number
  one_time_passwords: number
  logout_listeners: number
  session_contexts: number
}

/** Deletes what is past its end, in steps short enough that nobody waits for the write lock. */
export async function sweepExpired(store: Pick<Store, 'db'>, now: number): Promise<SweepCounts> {
  return {
    engine_records: await inSteps(() => engineRecordsStep(store.db, now)),
    // Before the families, whose deletion would otherwise take any number of tokens along in one step.
    refresh_tokens: await inSteps(() => refreshTokensStep(store.db, now)),
    families: await inSteps(() => familiesStep(store.db, now)),
    ended_guests: await inSteps(() => endedGuestsStep(store.db, now)),
    outbox: await inSteps(() => outboxStep(store.db, now)),
    rate_buckets: await inSteps(() => rateBucketsStep(store.db, now)),
    revoked_tokens: await inSteps(() => revokedTokensStep(store.db, now)),
    throttles: await inSteps(() => throttlesStep(store.db, now)),
    one_time_passwords: await inSteps(() => oneTimePasswordsStep(store.db, now)),
    logout_listeners: await inSteps(() => logoutListenersStep(store.db, now)),
    session_contexts: await inSteps(() => sessionContextsStep(store.db, now)),
  }
}

/** Deletes audit entries from before `until`, in the same steps. Answers how many. */
export function sweepAudit(store: Pick<Store, 'db'>, until: number): Promise<number> {
  return inSteps(() => auditStep(store.db, until))
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

async function endedGuestsStep(db: Db, now: number): Promise<bigint> {
  const { numDeletedRows } = await db
    .deleteFrom('ended_guests')
    .where((eb) =>
      eb(
        eb.refTuple('tenant', 'session_hash'),
        'in',
        eb
          .selectFrom('ended_guests')
          .select(['tenant', 'session_hash'])
          .where('forget_at', '<=', now)
          .limit(stepRows)
          .$asTuple('tenant', 'session_hash'),
      ),
    )
    .executeTakeFirst()
  return numDeletedRows
}

async function outboxStep(db: Db, now: number): Promise<bigint> {
  const { numDeletedRows } = await db
    .deleteFrom('outbox')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('outbox')
        .select('id')
        .where((row) =>
          row.or([
            row('delivered_at', '<=', now - deliveredKeptMs),
            row.and([
              row('delivered_at', 'is', null),
              row('type', '=', LOGOUT_NOTICE),
              row('created_at', '<=', now - logoutNoticeKeptMs),
            ]),
          ]),
        )
        .limit(stepRows),
    )
    .executeTakeFirst()
  return numDeletedRows
}

async function logoutListenersStep(db: Db, now: number): Promise<bigint> {
  const { numDeletedRows } = await db
    .deleteFrom('logout_listeners')
    .where((eb) =>
      eb(
        eb.refTuple('tenant', 'sid'),
        'in',
        eb
          .selectFrom('logout_listeners')
          .select(['tenant', 'sid'])
          .where('forget_at', '<=', now)
          .limit(stepRows)
          .$asTuple('tenant', 'sid'),
      ),
    )
    .executeTakeFirst()
  return numDeletedRows
}

async function sessionContextsStep(db: Db, now: number): Promise<bigint> {
  const { numDeletedRows } = await db
    .deleteFrom('session_contexts')
    .where((eb) =>
      eb(
        eb.refTuple('tenant', 'session_hash'),
        'in',
        eb
          .selectFrom('session_contexts')
          .select(['tenant', 'session_hash'])
          .where('forget_at', '<=', now)
          .limit(stepRows)
          .$asTuple('tenant', 'session_hash'),
      ),
    )
    // Once more on the row itself: it may have been changed since it was chosen.
    .where('forget_at', '<=', now)
    .executeTakeFirst()
  return numDeletedRows
}

async function rateBucketsStep(db: Db, now: number): Promise<bigint> {
  const { numDeletedRows } = await db
    .deleteFrom('rate_buckets')
    .where('name', 'in', (eb) =>
      eb.selectFrom('rate_buckets').select('name').where('full_at', '<=', now).limit(stepRows),
    )
    // Once more on the row itself: somebody may have taken from it since it was chosen.
    .where('full_at', '<=', now)
    .executeTakeFirst()
  return numDeletedRows
}

async function revokedTokensStep(db: Db, now: number): Promise<bigint> {
  const { numDeletedRows } = await db
    .deleteFrom('revoked_tokens')
    .where((eb) =>
      eb(
        eb.refTuple('tenant', 'jti'),
        'in',
        eb
          .selectFrom('revoked_tokens')
          .select(['tenant', 'jti'])
          .where('forget_at', '<=', now)
          .limit(stepRows)
          .$asTuple('tenant', 'jti'),
      ),
    )
    .executeTakeFirst()
  return numDeletedRows
}

async function throttlesStep(db: Db, now: number): Promise<bigint> {
  const { numDeletedRows } = await db
    .deleteFrom('throttles')
    .where('name', 'in', (eb) =>
      eb.selectFrom('throttles').select('name').where('expires_at', '<=', now).limit(stepRows),
    )
    // Once more on the row itself: it may have begun anew since it was chosen.
    .where('expires_at', '<=', now)
    .executeTakeFirst()
  return numDeletedRows
}

async function oneTimePasswordsStep(db: Db, now: number): Promise<bigint> {
  const { numDeletedRows } = await db
    .deleteFrom('one_time_passwords')
    .where((eb) =>
      eb(
        eb.refTuple('tenant', 'user_id'),
        'in',
        eb
          .selectFrom('one_time_passwords')
          .select(['tenant', 'user_id'])
          .where('expires_at', '<=', now)
          .limit(stepRows)
          .$asTuple('tenant', 'user_id'),
      ),
    )
    .where('expires_at', '<=', now)
    .executeTakeFirst()
  return numDeletedRows
}

async function auditStep(db: Db, until: number): Promise<bigint> {
  const { numDeletedRows } = await db
    .deleteFrom('audit')
    .where('id', 'in', (eb) => eb.selectFrom('audit').select('id').where('at', '<', until).limit(stepRows))
    .executeTakeFirst()
  return numDeletedRows
}
