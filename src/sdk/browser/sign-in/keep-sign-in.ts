import { randomId } from '../base64url.ts'
import type { Clock } from '../clock.ts'
import { type RevokeDeps, revokeToken } from '../issuer/revoke-token.ts'
import { toAccessToken } from '../session/access-token.ts'
import { startSession } from '../session/build-record.ts'
import type { FreshSession, Session } from '../session/session.ts'
import type { Completion } from './complete.ts'

/** What {@link keepSignIn} needs. */
export interface KeepDeps extends RevokeDeps {
  session: Session
  clock: Clock
}

type SignedIn = Extract<Completion, { kind: 'signed-in' }>

/** Keeps a completed sign-in, and lets the issuer know of the tokens nobody will use any more. */
export async function keepSignIn(completion: SignedIn, deps: KeepDeps): Promise<void> {
  const replaced = await deps.session.begin(freshSession(completion, deps))
  // A guest who has become this member has ended with that.
  if (replaced?.kind === 'guest' && completion.tokens.isGuestUpgraded) return
  discard(replaced?.refreshToken, deps)
}

/** Throws a completed sign-in away: somebody signed out, or in, while it was on its way. */
export function discardSignIn({ tokens }: SignedIn, deps: KeepDeps): void {
  discard(tokens.refreshToken, deps)
}

function freshSession({ tokens, idToken, key }: SignedIn, { clock }: KeepDeps): FreshSession {
  const record = startSession(tokens, idToken, { login: randomId(), clockOffsetMs: clock.offsetMs })
  return { record, token: toAccessToken(tokens, record), key }
}

function discard(refreshToken: string | undefined, deps: KeepDeps): void {
  if (refreshToken) revokeToken(refreshToken, deps).catch(() => undefined)
}
