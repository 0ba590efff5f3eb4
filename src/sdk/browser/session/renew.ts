import { AuthError, isAuthError } from '../auth-error.ts'
import { requestTokens } from '../issuer/request-tokens.ts'
import type { TokenDeps } from '../issuer/token-deps.ts'
import type { TokenSet } from '../issuer/token-set.ts'
import { checkIdToken } from '../sign-in/id-token.ts'
import { type AccessToken, toAccessToken } from './access-token.ts'
import { renewSession } from './build-record.ts'
import type { SessionRecord } from './session-record.ts'
import type { SessionStore, StoredClient } from './session-store.ts'

/** What one renewal ends with. */
export interface Renewal {
  record: SessionRecord
  token: AccessToken
}

/** What {@link renew} needs. */
export interface RenewDeps extends TokenDeps {
  issuer: string
  store: SessionStore
  /** A good token this or another tab already has for a session. */
  findToken(session: SessionRecord): Promise<AccessToken | undefined>
}

/**
 * Renews the session that is kept (RFC 6749 section 6). Runs while this tab alone holds the client's lock: whoever waited
 * for it finds the token of the one before.
 *
 * @throws {AuthError} `session-ended`, `not-signed-in`, or a code that leaves the session as it is.
 */
export async function renew(deps: RenewDeps): Promise<Renewal> {
  const kept = await deps.store.read()
  if (!kept.session) throw new AuthError('not-signed-in')
  const token = await deps.findToken(kept.session)
  if (token) return { record: kept.session, token }
  const tokens = await redeem(kept, deps)
  // Somebody renewed without our knowing (no Web Locks): what is kept now is theirs, and good.
  return tokens ? keep(kept.session, tokens, deps) : renew(deps)
}

/** Presents the refresh token; undefined when it failed because another one has replaced it meanwhile. */
async function redeem({ session, key }: StoredClient, deps: RenewDeps): Promise<TokenSet | undefined> {
  const presented = session?.refreshToken
  if (!presented) throw new AuthError('session-ended')
  try {
    return await requestTokens({ grant: { grant_type: 'refresh_token', refresh_token: presented }, key }, deps)
  } catch (error) {
    if (!isAuthError(error) || error.code !== 'session-ended') throw error
    const { session: now } = await deps.store.read()
    if (!now || now.refreshToken === presented) throw error
    return undefined
  }
}

/** Keeps the renewed session, unless the person signed out or somebody else signed in while it was on its way. */
async function keep(previous: SessionRecord, tokens: TokenSet, deps: RenewDeps): Promise<Renewal> {
  const { clientId, issuer, clock, store } = deps
  const expected = { issuer, clientId, sub: previous.user.sub, now: clock.now() }
  const idToken = tokens.idToken ? checkIdToken(tokens.idToken, expected) : undefined
  const record = renewSession(previous, tokens, idToken, clock.offsetMs)
  const { session } = await store.change((current) =>
    current.session?.refreshToken === previous.refreshToken ? { ...current, session: record } : current,
  )
  if (session?.login !== record.login) throw new AuthError('not-signed-in')
  return { record: session, token: toAccessToken(tokens, session) }
}
