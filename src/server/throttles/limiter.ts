import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js'
import RateLimiterStoreAbstract from 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js'
import type { Db } from '../store/store.ts'
import type { ThrottleRow } from '../store/tables.ts'
import { addThrottlePoints, setThrottle } from '../store/throttles.ts'

/** Where to count, and by which clock: the library hands it through untouched. */
export interface Count {
  db: Db
  now: number
}

type CountedRow = ThrottleRow & { now: number }

/** Clocks of nodes differ by less; a clock that was set back may differ by any time. */
const CLOCK_SKEW_MS = 60_000

export interface LimiterOptions {
  /** Begins the name of each row. */
  name: string
  points: number
  /** From the first point on, in which points count together. */
  seconds: number
}

/**
 * rate-limiter-flexible over our store: each point is one statement, so that nodes together never give more than there
 * are. Times come from the caller. The one part of the library that reads a clock, blocking in memory, stays unused,
 * because a neighbour's reset wouldn't reach it.
 */
export class Limiter extends RateLimiterStoreAbstract<CountedRow, Count> {
  constructor({ name, points, seconds }: LimiterOptions) {
    super({ keyPrefix: name, points, duration: seconds })
  }

  /** Seconds until another point may be consumed, as this row stands; 0 now. */
  secondsToWait(row: ThrottleRow | undefined, now: number): number {
    const isOpen = !row || row.points < this.points || row.expires_at <= now || row.expires_at > this.#latestEnd(now)
    return isOpen ? 0 : Math.ceil((row.expires_at - now) / 1000)
  }

  protected override async _upsert(name: string, points: number, ms: number, isForced: boolean, { db, now }: Count) {
    const expires_at = now + ms
    const row = isForced
      ? await setThrottle(db, { name, points, expires_at })
      : await addThrottlePoints(db, { name, points, expiresAt: expires_at, latestEnd: this.#latestEnd(now), now })
    return { ...row, now }
  }

  protected override _getRateLimiterRes(_name: string, changed: number, { points, expires_at, now }: CountedRow) {
    return new RateLimiterRes(Math.max(this.points - points, 0), expires_at - now, points, points === changed)
  }

  #latestEnd(now: number): number {
    return now + this.msDuration + CLOCK_SKEW_MS
  }
}
