import { AuthError, toAuthError } from '../../wire/auth-error.ts'
import type { SignInOptions } from '../auth.ts'
import { failure, type Settled } from '../sign-in/complete.ts'
import { identityAfter } from '../sign-in/identity-after.ts'
import { askInFrame, type FrameDeps } from './ask-in-frame.ts'
import { findWay } from './find-way.ts'
import { inTime } from './in-time.ts'

/**
 * Signs in without a page and without leaving this one; tells whether that was the way. Where it isn't, the portal has to
 * be asked at the top level.
 *
 * @throws {AuthError} a retryable code when the portal did not answer, or why it refused for good.
 */
export async function signInSilently(options: SignInOptions, deps: FrameDeps): Promise<boolean> {
  const outcome = await inTime(askHere(options, deps), deps).catch(toOutcome)
  if (outcome === 'at-top-level') return false
  if (outcome.kind === 'signed-in') return true
  await deps.session.restore(identityAfter(outcome))
  if (outcome.kind === 'failed') throw outcome.error
  if (outcome.kind === 'unreachable' && outcome.reason !== 'other-site') throw new AuthError(outcome.reason)
  return true
}

async function askHere(options: SignInOptions, deps: FrameDeps): Promise<Settled | 'at-top-level'> {
  const way = await findWay(deps)
  if (way === 'page') return 'at-top-level'
  return way === 'nowhere' ? { kind: 'unreachable', reason: 'other-site' } : askInFrame(options, deps)
}

function toOutcome(thrown: unknown): Settled {
  const outcome = failure(toAuthError(thrown))
  return outcome.kind === 'lost' ? { kind: 'unreachable', reason: 'server' } : outcome
}
