import { AuthError } from '../../wire/auth-error.ts'
import type { KeyValueStorage, Page } from '../environment.ts'
import { type Arrival, arriveAt, returnAddress, settleArrival } from './arrival.ts'
import type { AttemptData } from './attempt-data.ts'
import { type CompleteDeps, completeSignIn } from './complete.ts'
import { type Failure, identityAfter } from './identity-after.ts'
import { discardSignIn, type KeepDeps, keepSignIn } from './keep-sign-in.ts'
import { type LeaveDeps, leaveAgain } from './leave-again.ts'

/** What {@link finishArrival} needs. */
export interface FinishDeps extends CompleteDeps, KeepDeps, LeaveDeps {
  page: Page
  prefix: string
  tabStorage: KeyValueStorage
}

/** An arrival that something has to be done about. */
export type OpenArrival = Extract<Arrival, { kind: 'answer' | 'interrupted' }>

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
  if (begun !== session.epoch) return discardSignIn(completion, deps)
  return keepSignIn(completion, deps)
}

/** Starts over silently: the portal still knows the person. Once; and not when somebody is signed in already. */
async function restart({ returnTo, isRestart, isSilent }: AttemptData, deps: FinishDeps): Promise<void> {
  settleArrival(deps)
  const { store } = await deps.opened
  const { session } = await store.read()
  const otherwise =
    session?.kind === 'member' || isRestart
      ? lostTwice()
      : await leaveAgain({ returnTo, isRestart: true, isSilent }, deps)
  arriveAt(returnAddress({ returnTo }, deps.page), deps.page)
  return deps.session.restore(otherwise)
}

function lostTwice(): Failure {
  const message = 'The sign-in was lost twice.'
  return { status: 'error', error: new AuthError('answer-invalid', { message }) }
}
