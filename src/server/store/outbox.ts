import type { Db } from './store.ts'
import type { OutboxRow } from './tables.ts'

export type NewOutboxRow = Pick<OutboxRow, 'id' | 'tenant' | 'event_id' | 'receiver' | 'type' | 'body'>

/** A webhook of one tenant. */
export type Receiver = Pick<OutboxRow, 'tenant' | 'receiver'>

export type DueRow = Receiver & Pick<OutboxRow, 'id'>

/** Puts an event on its way: one row for each receiver, in the transaction of what it tells about. */
export async function insertOutboxRows(tx: Db, rows: NewOutboxRow[], now: number): Promise<void> {
  if (rows.length === 0) return
  const fresh = { attempts: 0, refusals: 0, claimed_until: null, delivered_at: null, last_error: null }
  await tx
    .insertInto('outbox')
    .values(rows.map((row) => ({ ...row, ...fresh, created_at: now, next_attempt_at: now })))
    .execute()
}

/** Rows for these receivers that nobody holds and whose time has come, longest due first. */
export async function findDueRows(
  db: Db,
  receivers: readonly Receiver[],
  now: number,
  limit: number,
): Promise<DueRow[]> {
  return db
    .selectFrom('outbox')
    .select(['id', 'tenant', 'receiver'])
    .where('delivered_at', 'is', null)
    .where('next_attempt_at', '<=', now)
    .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<=', now)]))
    .where((eb) => eb.or(receivers.map(({ tenant, receiver }) => eb.and({ tenant, receiver }))))
    .orderBy('next_attempt_at')
    .limit(limit)
    .execute()
}

/** Takes a due row until `until`. Of any number of workers at once exactly one gets it; the others get nothing. */
export async function claimRow(db: Db, id: string, until: number, now: number): Promise<OutboxRow | undefined> {
  return db
    .updateTable('outbox')
    .set((eb) => ({ claimed_until: until, attempts: eb('attempts', '+', 1) }))
    .where('id', '=', id)
    .where('delivered_at', 'is', null)
    .where('next_attempt_at', '<=', now)
    .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<=', now)]))
    .returningAll()
    .executeTakeFirst()
}

/** The receiver took it: true whoever holds the row by now. */
export async function markDelivered(db: Db, id: string, now: number): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ delivered_at: now, claimed_until: null, last_error: null })
    .where('id', '=', id)
    .where('delivered_at', 'is', null)
    .execute()
}

/** The receiver did not take it. Says nothing when the lease ran out and the row is another worker's. */
export async function markRefused(
  db: Db,
  claimed: OutboxRow,
  { error, nextAttemptAt }: { error: string; nextAttemptAt: number },
): Promise<void> {
  await held(db, claimed)
    .set((eb) => ({
      refusals: eb('refusals', '+', 1),
      next_attempt_at: nextAttemptAt,
      claimed_until: null,
      last_error: error,
    }))
    .execute()
}

/** Gives a row back at once, as if it had never been taken. */
export async function releaseRow(db: Db, claimed: OutboxRow): Promise<void> {
  await held(db, claimed).set({ claimed_until: null }).execute()
}

/** A later lease ends later, so its end tells whose it is. */
function held(db: Db, { id, claimed_until }: OutboxRow) {
  return db
    .updateTable('outbox')
    .where('id', '=', id)
    .where('delivered_at', 'is', null)
    .where('claimed_until', '=', claimed_until)
}

/** Receivers that something still waits for, configured or not. */
export async function listWaitingReceivers(db: Db): Promise<Receiver[]> {
  return db
    .selectFrom('outbox')
    .select(['tenant', 'receiver'])
    .distinct()
    .where('delivered_at', 'is', null)
    .orderBy('tenant')
    .orderBy('receiver')
    .execute()
}

/** What is left to deliver of one event. */
export async function listUndelivered(db: Db, tenant: string, eventId: string): Promise<Pick<OutboxRow, 'refusals'>[]> {
  return db
    .selectFrom('outbox')
    .select('refusals')
    .where('tenant', '=', tenant)
    .where('event_id', '=', eventId)
    .where('delivered_at', 'is', null)
    .execute()
}
