import type { ErrorState, SignedOutState, UnknownState } from '../auth-state.ts'
import type { Settled } from './complete.ts'

/** What to say when nobody has signed in. */
export type Failure = SignedOutState | UnknownState | ErrorState

/** What a sign-in that came to nothing says about who is here. */
export function identityAfter(completion: Exclude<Settled, { kind: 'signed-in' }>): Failure {
  if (completion.kind === 'failed') return { status: 'error', error: completion.error }
  if (completion.kind === 'unreachable') return { status: 'unknown', reason: completion.reason }
  return { status: 'signed-out', ...(completion.wasDenied && { reason: 'denied' }) }
}
