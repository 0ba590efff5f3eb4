import { abortable } from '../../wire/abortable.ts'
import { isAuthError } from '../../wire/auth-error.ts'
import type { Call } from '../../wire/call.ts'

/** What {@link sendAgain} needs. */
export interface RetryDeps {
  /** Waits, unless the signal ends the waiting. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

const mostTries = 3
const firstPauseMs = 250
/** An issuer that wants more time than this is better asked by the caller. */
const longestPauseMs = 5_000

/**
 * Sends what may be sent twice, three times at most and within the call's time: after a network failure, and after 503 when
 * the issuer says when to come back (RFC 9110 section 15.6.4).
 */
export async function sendAgain<T>(send: () => Promise<T>, call: Call, { wait }: RetryDeps): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await send()
    } catch (error) {
      const pauseMs = pauseAfter(error, tries)
      if (pauseMs === undefined || tries === mostTries || pauseMs >= call.timeLeftMs()) throw error
      await wait(pauseMs, call.signal)
    }
  }
}

/** Undefined when it is no use. */
function pauseAfter(error: unknown, tries: number): number | undefined {
  if (!isAuthError(error)) return undefined
  if (error.code === 'network') return firstPauseMs * 2 ** (tries - 1) * (1 + Math.random())
  const pauseMs = (error.retryAfterSeconds ?? Number.POSITIVE_INFINITY) * 1000
  return error.status === 503 && pauseMs <= longestPauseMs ? pauseMs : undefined
}

/** Waits by the clock. */
export function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return abortable(new Promise((resolve) => setTimeout(resolve, ms)), signal)
}
