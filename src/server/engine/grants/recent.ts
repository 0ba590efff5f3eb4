/** Clocks of two nodes may differ by this much. */
const CLOCK_SKEW_MS = 60_000

/**
 * Whether something happened less than `windowMs` ago. What lies further ahead than clocks may differ happened before the
 * clock went back, and is not recent: else everything spent on that day would be good again.
 */
export function isRecent(moment: number, windowMs: number, now: number): boolean {
  const age = now - moment
  return age > -CLOCK_SKEW_MS && age < windowMs
}
