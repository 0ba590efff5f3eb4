import { toAuthError } from '../../wire/auth-error.ts'
import type { AttemptData } from './attempt-data.ts'
import type { Failure } from './identity-after.ts'

/** What {@link leaveAgain} needs. */
export interface LeaveDeps {
  /** Leaves for the portal, in place of this page. */
  signInAgain(data: AttemptData): Promise<void>
  wait(ms: number): Promise<void>
}

/** A page that was to be left and still is here after this long is staying. */
const longestLeaveMs = 10_000

/** Leaves for the portal by itself; answers what to say when the page is still here afterwards. */
export async function leaveAgain(data: AttemptData, { signInAgain, wait }: LeaveDeps): Promise<Failure> {
  try {
    await signInAgain(data)
    await wait(longestLeaveMs)
    return { status: 'unknown', reason: 'network' }
  } catch (thrown) {
    const error = toAuthError(thrown)
    return error.retryable ? { status: 'unknown', reason: 'network' } : { status: 'error', error }
  }
}
