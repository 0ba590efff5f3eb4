import { AuthError } from '../../wire/auth-error.ts'
import type { RevokeDeps } from '../issuer/revoke-token.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Session } from '../session/session.ts'
import { revoke } from '../sign-out/revoke.ts'

/** What {@link createNewGuest} needs. */
export interface NewGuestDeps extends RevokeDeps {
  options: ResolvedOptions
  session: Session
  /** Resolves when it is known who is here. */
  ready: Promise<void>
}

/** Makes `newGuest`: the visit so far ends here, in every tab and at the issuer, and another begins. */
export function createNewGuest({ options, session, ready, ...deps }: NewGuestDeps): () => Promise<void> {
  return async () => {
    if (!options.visit) throw misuse('there are no guests; set `guest: true`')
    await ready
    if (session.record?.kind === 'member') throw misuse('somebody is signed in; call `signOut` instead')
    const ended = await session.end()
    revoke(ended, deps).catch(() => undefined)
    await session.accessToken()
  }
}

function misuse(problem: string): AuthError {
  return new AuthError('configuration', { message: `newGuest: ${problem}.` })
}
