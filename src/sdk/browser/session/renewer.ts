import { type AuthError, toAuthError } from '../../wire/auth-error.ts'
import { pauseAfter } from './backoff.ts'

/** Runs one piece of work at a time, on demand and by the clock, with pauses after failures. */
export interface Renewer<T> {
  /** Does the work, or joins the one under way; during a pause it fails with what failed last. */
  run(): Promise<T>
  /** Plans the next run, in milliseconds from now. */
  planIn(delayMs: number): void
  /** Runs now if a planned run was missed, for example while the device slept. */
  catchUp(): void
  /** Ends a pause: the reason for it has gone. */
  forgive(): void
  /** Forgets plans, pauses and failures. */
  reset(): void
}

/** What {@link createRenewer} needs. */
export interface RenewerDeps<T> {
  work(): Promise<T>
  onRunning(isRunning: boolean): void
  /** Nobody looks: a tab in the background must not keep a session alive. */
  isHidden(): boolean
}

/** Longest time `setTimeout` takes. */
const longestDelayMs = 2 ** 31 - 1

/** Makes a renewer without a plan. */
export function createRenewer<T>({ work, onRunning, isHidden }: RenewerDeps<T>): Renewer<T> {
  let running: Promise<T> | undefined
  let planned: { at: number; timer: ReturnType<typeof setTimeout> } | undefined
  let failed: { error: AuthError; count: number; demandAt: number } | undefined

  const cancel = () => {
    clearTimeout(planned?.timer)
    planned = undefined
  }
  const planIn = (delayMs: number) => {
    cancel()
    const timer = setTimeout(catchUp, Math.min(Math.max(delayMs, 0), longestDelayMs))
    planned = { at: Date.now() + delayMs, timer }
  }
  const catchUp = () => {
    if (!planned || isHidden()) return
    const early = planned.at - Date.now()
    // Timers run in whole milliseconds of another clock, and longer plans in several steps.
    if (early > 0) return planIn(early)
    cancel()
    // Whoever needs a token hears of a failure when they ask for one.
    run().catch(() => undefined)
  }
  const noteFailure = (error: AuthError) => {
    const count = (failed?.count ?? 0) + 1
    const pause = pauseAfter(error, count)
    failed = { error, count, demandAt: Date.now() + pause.demandMs }
    if (error.retryable) planIn(pause.timerMs)
  }
  const attempt = async () => {
    onRunning(true)
    try {
      const result = await work()
      failed = undefined
      return result
    } catch (thrown) {
      const error = toAuthError(thrown)
      // A refusal stays one, and whoever asks all the time must not send it all the time.
      if (error.retryable || error.code === 'refused') noteFailure(error)
      throw error
    } finally {
      running = undefined
      onRunning(false)
    }
  }
  const run = () => {
    if (!running && failed && Date.now() < failed.demandAt) return Promise.reject(failed.error)
    running ??= attempt()
    return running
  }
  const forgive = () => {
    if (!failed) return
    failed = undefined
    planIn(0)
  }
  const reset = () => {
    cancel()
    failed = undefined
  }
  return { run, planIn, catchUp, forgive, reset }
}
