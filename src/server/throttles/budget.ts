import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js'
import type { Db } from '../store/store.ts'
import { findThrottles } from '../store/throttles.ts'
import { LimitReached } from './limit-reached.ts'
import type { Count, Limiter } from './limiter.ts'

/** What one limit allows whoever it is asked about. */
export interface Budget {
  limiter: Limiter
  key: string
  /** How long the last point closes it; without it, for the rest of its time. */
  pauseSeconds?: number
}

/** The name of its row. */
export function rowOf({ limiter, key }: Budget): string {
  return limiter.getKey(key)
}

/** The closed ones, each with the seconds until it opens. Looks only, so that refusing costs no write. */
export async function secondsToWait<B extends Budget>(
  db: Db,
  budgets: readonly B[],
  now: number,
): Promise<Map<B, number>> {
  const rows = new Map((await findThrottles(db, budgets.map(rowOf))).map((row) => [row.name, row]))
  const waits = budgets.map((budget) => {
    const seconds = budget.limiter.secondsToWait(rows.get(rowOf(budget)), now)
    return [budget, notLonger(budget, seconds)] as const
  })
  return new Map(waits.filter(([, seconds]) => seconds > 0))
}

/** Whoever closed it a moment ago did so by a clock that was read after ours. */
function notLonger({ pauseSeconds = Number.POSITIVE_INFINITY }: Budget, seconds: number): number {
  return Math.min(seconds, pauseSeconds)
}

/**
 * Takes a point, in a transaction. Whether that was the last one; then it is closed at once, so that a node that dies
 * leaves none over.
 * @throws LimitReached
 */
export async function consume(budget: Budget, count: Count): Promise<boolean> {
  const { limiter, key, pauseSeconds } = budget
  try {
    const { remainingPoints } = await limiter.consume(key, 1, count)
    if (remainingPoints > 0) return false
    if (pauseSeconds !== undefined) await limiter.block(key, pauseSeconds, count)
    return true
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    throw new LimitReached(notLonger(budget, Math.ceil(error.msBeforeNext / 1000)))
  }
}
