import { AuthError, toAuthError } from '../auth-error.ts'
import type { ErrorState, SignedOutState, UnknownState } from '../auth-state.ts'
import { randomId } from '../base64url.ts'
import type { KeyValueStorage, Page } from '../environment.ts'
import { revokeToken } from '../issuer/revoke-token.ts'
import { toAccessToken } from '../session/access-token.ts'
import { startSession } from '../session/build-record.ts'
import type { FreshSession, Session } from '../session/session.ts'
import { type Arrival, arriveAt, returnAddress, settleArrival } from './arrival.ts'
import type { AttemptData } from './attempt-data.ts'
import { type CompleteDeps, type Completion, completeSignIn } from './complete.ts'

/** What {@link finishArrival} needs. */
export interface FinishDeps extends CompleteDeps {
  page: Page
  prefix: string
  tabStorage: KeyValueStorage
  session: Session
  /** Leaves for the portal again. */
  signInAgain(data: AttemptData): Promise<void>
}

/** An arrival that something has to be done about. */
export type OpenArrival = Extract<Arrival, { kind: 'answer' | 'interrupted' }>
type SignedIn = Extract<Completion, { kind: 'signed-in' }>
/** What to say when nobody has signed in. */
type Failure = SignedOutState | UnknownState | ErrorState

/** A page that was to be left and still is here after this long is staying. */
const longestLeaveMs = 10_000

/** Goes from the portal's answer to who is here. */
export async function finishArrival(arrival: OpenArrival, deps: FinishDeps): Promise<void> {
  const { session } = deps
  if (arrival.kind === 'interrupted') return restart(arrival.data, deps)
  const begun = session.epoch
  const completion = await completeSignIn(arrival.answer, arrival.record, deps)
  if (completion.kind === 'lost') return restart(arrival.data, deps)
  settleArrival(deps)
  arriveAt(returnAddress(arrival.data, deps.page), deps.page)
  if (completion.kind !== 'signed-in') return session.restore(identityAfter(completion))
  // Somebody signed out in another tab while the answer was on its way: it is thrown away.
  if (begun !== session.epoch) return discard(completion.tokens.refreshToken, deps)
  const replaced = await session.begin(freshSession(completion, deps))
  // A guest who has become this member has ended with that.
  if (replaced?.kind === 'guest' && completion.tokens.isGuestUpgraded) return
  discard(replaced?.refreshToken, deps)
}

function freshSession({ tokens, idToken, key }: SignedIn, { clock }: FinishDeps): FreshSession {
  const record = startSession(tokens, idToken, { login: randomId(), clockOffsetMs: clock.offsetMs })
  return { record, token: toAccessToken(tokens, record), key }
}

function identityAfter(completion: Exclude<Completion, { kind: 'signed-in' | 'lost' }>): Failure {
  if (completion.kind === 'failed') return { status: 'error', error: completion.error }
  if (completion.kind === 'unreachable') return { status: 'unknown', reason: completion.reason }
  return { status: 'signed-out', ...(completion.wasDenied && { reason: 'denied' }) }
}

/** Starts over silently: the portal still knows the person. Once; and not when somebody is signed in already. */
async function restart({ returnTo, isRestart }: AttemptData, deps: FinishDeps): Promise<void> {
  settleArrival(deps)
  const { store } = await deps.opened
  const { session } = await store.read()
  const otherwise =
    session?.kind === 'member' || isRestart ? lostTwice() : await leaveAgain({ returnTo, isRestart: true }, deps)
  arriveAt(returnAddress({ returnTo }, deps.page), deps.page)
  return deps.session.restore(otherwise)
}

/** Leaves for the portal; answers what to say when the page is still here afterwards. */
async function leaveAgain(data: AttemptData, { signInAgain, wait }: FinishDeps): Promise<Failure> {
  try {
    await signInAgain(data)
    await wait(longestLeaveMs)
    return { status: 'unknown', reason: 'network' }
  } catch (thrown) {
    const error = toAuthError(thrown)
    return error.retryable ? { status: 'unknown', reason: 'network' } : { status: 'error', error }
  }
}

function lostTwice(): Failure {
  const message = 'The sign-in was lost twice.'
  return { status: 'error', error: new AuthError('answer-invalid', { message }) }
}

/** Nobody will use this refresh token any more. */
function discard(refreshToken: string | undefined, deps: FinishDeps): void {
  if (refreshToken) revokeToken(refreshToken, deps).catch(() => undefined)
}
