import { AuthError, isAuthError } from '../../wire/auth-error.ts'
import { randomId } from '../base64url.ts'
import { createKeyPair } from '../dpop/key.ts'
import { requestTokens } from '../issuer/request-tokens.ts'
import type { TokenDeps } from '../issuer/token-deps.ts'
import type { ResolvedOptions } from '../options.ts'
import { type AccessToken, toAccessToken } from './access-token.ts'
import { startGuest } from './build-record.ts'
import type { GuestRecord } from './session-record.ts'
import type { SessionStore, StoredClient } from './session-store.ts'

/** What {@link beginGuest} needs. */
export interface BeginGuestDeps extends TokenDeps {
  options: Pick<ResolvedOptions, 'dpop' | 'visit'>
  store: SessionStore
}

const guestGrant = 'urn:portico:grant-type:guest'

/**
 * Begins a guest, in place of the one in `kept` if there is one; undefined when somebody came first.
 *
 * @throws {AuthError} `not-signed-in` without guests, `refused`, or a retryable code.
 */
export async function beginGuest(
  { session: dead, key: keptKey }: StoredClient,
  deps: BeginGuestDeps,
): Promise<{ record: GuestRecord; token: AccessToken } | undefined> {
  const { options, clock, store } = deps
  if (!options.visit) throw new AuthError('not-signed-in')
  // A key that goes with the page could not come back from the portal, and the guest would be lost on the way.
  const key = options.dpop && store.isLasting ? (keptKey ?? (await createKeyPair())) : undefined
  const tokens = await requestGuest({ grant_type: guestGrant, ...options.visit }, key, deps)
  const record = startGuest(tokens, { login: randomId(), clockOffsetMs: clock.offsetMs })
  const { session } = await store.change((current) => {
    const isFree = !current.session || current.session.login === dead?.login
    // A key that was not there before belongs to a sign-in under way.
    const isKeyFree = !current.key || keptKey !== undefined
    return isFree && isKeyFree ? { session: record, ...(key && { key }) } : current
  })
  return session?.login === record.login ? { record, token: toAccessToken(tokens, record) } : undefined
}

/** A refusal to begin is no end of anything: a client without a template user is refused with the same code. */
async function requestGuest(grant: Record<string, string>, key: CryptoKeyPair | undefined, deps: TokenDeps) {
  try {
    return await requestTokens({ grant, key }, deps)
  } catch (error) {
    if (!isAuthError(error) || error.code !== 'session-ended') throw error
    throw new AuthError('refused', { status: error.status, oauthError: error.oauthError })
  }
}
