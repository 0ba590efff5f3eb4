import type { Db } from './store.ts'
import type { RateBucketRow } from './tables.ts'

export interface BucketRequest {
  name: string
  /** Tokens asked for: a whole number. */
  want: number
  /** Tokens of a full bucket; a new one starts full. */
  capacity: number
  /** Tokens that flow back in a second. */
  perSecond: number
}

export interface BucketAnswer {
  /** Whole tokens, from 0 to `want`. */
  taken: number
  /** Seconds until there is a token again; 0 when at least one was taken. */
  retryAfterSeconds: number
}

/** Clocks of nodes differ by less; a clock that was set back may differ by any time. */
const clockSkewMs = 60_000

/** Takes up to `want` tokens. Needs a transaction: callers at once take one after the other. */
export async function takeFromBucket(tx: Db, request: BucketRequest, now: number): Promise<BucketAnswer> {
  const { name, want, capacity, perSecond } = request
  const bucket = await lockBucket(tx, name, capacity, now)
  const updatedAt = bucket.updated_at - now > clockSkewMs ? now : Math.max(bucket.updated_at, now)
  const elapsedSeconds = Math.max(0, updatedAt - bucket.updated_at) / 1000
  const available = Math.min(capacity, bucket.tokens + elapsedSeconds * perSecond)
  const taken = Math.min(want, Math.floor(available))
  const tokens = available - taken
  const fullAt = updatedAt + Math.ceil(((capacity - tokens) / perSecond) * 1000)
  await tx
    .updateTable('rate_buckets')
    .set({ tokens, updated_at: updatedAt, full_at: fullAt })
    .where('name', '=', name)
    .execute()
  return { taken, retryAfterSeconds: taken > 0 ? 0 : Math.ceil((1 - tokens) / perSecond) }
}

/** Finds the bucket or makes it, and keeps others from it until the transaction ends. */
async function lockBucket(tx: Db, name: string, capacity: number, now: number): Promise<RateBucketRow> {
  return (
    tx
      .insertInto('rate_buckets')
      .values({ name, tokens: capacity, updated_at: now, full_at: now })
      // An update that changes nothing takes the row's lock on PostgreSQL; on SQLite the transaction holds every lock.
      .onConflict((conflict) => conflict.column('name').doUpdateSet((eb) => ({ name: eb.ref('excluded.name') })))
      .returningAll()
      .executeTakeFirstOrThrow()
  )
}
