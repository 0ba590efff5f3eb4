import { AuthError } from '../../wire/auth-error.ts'

const longestMs = 10_000

/**
 * Ends the waiting for work after ten seconds; the work itself goes on.
 *
 * @throws {AuthError} `timeout`.
 */
export function inTime<T>(work: Promise<T>, { wait }: { wait(ms: number): Promise<void> }): Promise<T> {
  const late = wait(longestMs).then(() => Promise.reject(new AuthError('timeout')))
  return Promise.race([work, late])
}
