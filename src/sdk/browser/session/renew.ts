import { AuthError, isAuthError } from '../../wire/auth-error.ts'
import type { Refusals } from '../../wire/refusal.ts'
import { requestTokens } from '../issuer/request-tokens.ts'
import type { TokenSet } from '../issuer/token-set.ts'
import type { ResolvedOptions } from '../options.ts'
import { checkIdToken } from '../sign-in/id-token.ts'
import { type AccessToken, toAccessToken } from './access-token.ts'
import { type BeginGuestDeps, beginGuest } from './begin-guest.ts'
import { renewGuest, renewSession } from './build-record.ts'
import type { SessionRecord } from './session-record.ts'
import type { StoredClient } from './session-store.ts'

/** What one renewal ends with. */
export interface Renewal {
  record: SessionRecord
  token: AccessToken
  /** A guest who has just begun, perhaps because the issuer no longer knew the one before. */
  began?: 'first' | 'replaced' | undefined
}

/** What {@link renew} needs. */
export interface RenewDeps extends BeginGuestDeps {
  options: Pick<ResolvedOptions, 'issuer' | 'dpop' | 'visit'>
  /** A good token this or another tab already has for a session. */
  findToken(session: SessionRecord): Promise<AccessToken | undefined>
}

/**
 * Renews the session that is kept (RFC 6749 section 6), or begins a guest's. Runs while this tab alone holds the client's
 * lock: whoever waited for it finds the token of the one before.
 *
 * @throws {AuthError} `session-ended`, `not-signed-in`, or a code that leaves the session as it is.
 */
export async function renew(deps: RenewDeps): Promise<Renewal> {
  const kept = await deps.store.read()
  if (!kept.session) return begin(kept, 'first', deps)
  const token = await deps.findToken(kept.session)
  if (token) return { record: kept.session, token }
  try {
    const tokens = await redeemAsBefore(kept, deps)
    // Somebody renewed without our knowing (no Web Locks): what is kept now is theirs, and good.
    return tokens ? await keep(kept.session, tokens, deps) : await renew(deps)
  } catch (error) {
    if (kept.session.kind === 'member' || !isEnd(error)) throw error
    return begin(kept, 'replaced', deps)
  }
}

async function begin(kept: StoredClient, began: Renewal['began'], deps: RenewDeps): Promise<Renewal> {
  const guest = await beginGuest(kept, deps)
  return guest ? { ...guest, began } : renew(deps)
}

/** For the company acted for; who may not act for it any more goes on for none. */
async function redeemAsBefore(kept: StoredClient, deps: RenewDeps): Promise<TokenSet | undefined> {
  const company = kept.session?.company
  try {
    return await redeem(kept, company, deps)
  } catch (error) {
    if (company === undefined || !isAuthError(error) || error.code !== 'company-refused') throw error
    return redeem(kept, undefined, deps)
  }
}

const companyRefusals: Refusals = { invalid_grant: 'session-ended', access_denied: 'company-refused' }

/** Presents the refresh token; undefined when it failed because another one has replaced it meanwhile. */
export async function redeem(
  { session, key }: StoredClient,
  company: string | undefined,
  deps: RenewDeps,
): Promise<TokenSet | undefined> {
  const presented = session?.refreshToken
  if (!presented) throw new AuthError('session-ended')
  const grant = { grant_type: 'refresh_token', refresh_token: presented }
  const request =
    company === undefined
      ? { grant, key }
      : { grant: { ...grant, legal_entity_id: company }, key, refusals: companyRefusals }
  try {
    return await requestTokens(request, deps)
  } catch (error) {
    if (!isEnd(error)) throw error
    const { session: now } = await deps.store.read()
    if (!now || now.refreshToken === presented) throw error
    return undefined
  }
}

/** Keeps the renewed session, unless the person signed out or somebody else signed in while it was on its way. */
export async function keep(previous: SessionRecord, tokens: TokenSet, deps: RenewDeps): Promise<Renewal> {
  const record = renewRecord(previous, tokens, deps)
  const { session } = await deps.store.change((current) =>
    current.session?.refreshToken === previous.refreshToken
      ? { ...current, session: withLatestUpgrade(record, current.session) }
      : current,
  )
  if (session?.login !== record.login) throw new AuthError('not-signed-in')
  return { record: session, token: toAccessToken(tokens, session) }
}

function renewRecord(previous: SessionRecord, tokens: TokenSet, deps: RenewDeps): SessionRecord {
  const { clientId, options, clock } = deps
  if (previous.kind === 'guest') return renewGuest(previous, tokens, clock.offsetMs)
  const expected = { issuer: options.issuer, clientId, sub: previous.user.sub, now: clock.now() }
  const idToken = tokens.idToken ? checkIdToken(tokens.idToken, expected) : undefined
  return renewSession(previous, tokens, idToken, clock.offsetMs)
}

/** What was heard of the upgrade while the renewal was on its way must not be unheard. */
function withLatestUpgrade(record: SessionRecord, current: SessionRecord | undefined): SessionRecord {
  if (record.kind === 'guest' || current?.kind !== 'member' || !current.guestUpgrade) return record
  return { ...record, guestUpgrade: current.guestUpgrade }
}

function isEnd(error: unknown): error is AuthError {
  return isAuthError(error) && error.code === 'session-ended'
}
