import type { AuthError } from '../../wire/auth-error.ts'

/** When the next attempts at a failing issuer may be made, in milliseconds from now. */
export interface Pause {
  /** For the timer: doubles with every failure. */
  timerMs: number
  /** For a call that needs a token now: at once almost, unless the issuer asked to wait. */
  demandMs: number
}

const firstPauseMs = 1_000
const longestPauseMs = 60_000

/** Plans the pause after the `failures`-th failure in a row, with jitter so that browsers don't come back together. */
export function pauseAfter(error: AuthError, failures: number, random: () => number = Math.random): Pause {
  const askedMs = (error.retryAfterSeconds ?? 0) * 1000
  const doubledMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1))
  const jitter = 1 + random() * 0.3
  return { timerMs: Math.max(askedMs, doubledMs) * jitter, demandMs: Math.max(askedMs, firstPauseMs) * jitter }
}
