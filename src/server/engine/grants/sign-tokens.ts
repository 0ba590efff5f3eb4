import { randomBytes } from '../../keys/random-bytes.ts'
import { claimsInScope } from '../accounts.ts'
import type { GrantRequest } from './grant-request.ts'
import type { Holder } from './holder.ts'

/** What every answer of one login repeats; kept with its family. */
export interface Login {
  /** The family: also the engine's grant id and the tokens' `sid`. Nothing where an app got one token for itself. */
  familyId: string | undefined
  /** Survives guest → member. */
  sessionId: string
  /** Space-separated, as granted. */
  scope: string
  authentication: Authentication
}

export interface Authentication {
  /** Epoch seconds of the password check (OIDC Core section 2). */
  authTime?: number | undefined
  acr?: string | undefined
  amr?: string[] | undefined
  nonce?: string | undefined
  /** The subject of the app that signed the person in on its own word (RFC 8693 section 4.1). */
  actor?: string | undefined
  /** The rule of the dialect it began in, where that differs from the client's. */
  rotation?: 'rotate' | 'fixed' | undefined
}

export interface SignedTokens {
  accessToken: string
  idToken: string | undefined
  tokenType: string
  /** Seconds. */
  expiresIn: number
  scope: string | undefined
}

/** What is to be signed, all of it decided. */
export interface TokensToSign {
  login: Login
  holder: Holder
  /** A subset of the login's scope. */
  scopes: ReadonlySet<string>
  roles: string[]
  /** The company the person acts for. */
  company?: string | undefined
  /** No token outlives it. Epoch milliseconds. */
  absoluteEnd: number
}

export const ID_TOKEN_TTL_SECONDS = 600

/** Signs the access token and, with `openid`, the ID token of a login. Writes nothing. */
export async function signTokens(request: GrantRequest, tokens: TokensToSign): Promise<SignedTokens> {
  const { signer, client, dialect, proof } = request
  const now = Date.now()
  const expiresIn = secondsToLive(request, tokens.absoluteEnd, now)
  // A space-separated list keeps the order it was granted in.
  const scope =
    tokens.login.scope
      .split(' ')
      .filter((value) => tokens.scopes.has(value))
      .join(' ') || undefined
  const issuedAt = Math.floor(now / 1000)
  const [accessToken, idToken] = await Promise.all([
    signer.signAccessToken(
      { ...accessTokenClaims(request, tokens), scope, iat: issuedAt, exp: issuedAt + expiresIn },
      dialect?.alg ?? 'ES256',
    ),
    tokens.scopes.has('openid')
      ? signer.signIdToken(idTokenClaims(request, tokens, issuedAt), client.id_token_signed_response_alg)
      : undefined,
  ])
  return { accessToken, idToken, tokenType: proof ? 'DPoP' : 'Bearer', expiresIn, scope }
}

function secondsToLive({ client, dialect }: GrantRequest, absoluteEnd: number, now: number): number {
  const ttlSeconds = Math.min(client.access_token_ttl, dialect?.accessTokenTtlSeconds ?? Number.POSITIVE_INFINITY)
  return Math.min(ttlSeconds, Math.max(1, Math.ceil((absoluteEnd - now) / 1000)))
}

/** RFC 9068 section 2.2, with the login, the continuity id and the roles; bound to the proof's key (RFC 9449 section 6). */
function accessTokenClaims(
  { tenant, client, dialect, proof }: GrantRequest,
  { login, holder, roles, company }: TokensToSign,
) {
  const { familyId: sid, sessionId, authentication } = login
  const { sub, user } = holder
  return {
    ...dialect?.accessTokenClaims?.({ sub, sid, sessionId, roles, user, isGuest: false }),
    iss: tenant.issuer,
    sub,
    aud: tenant.config.audience,
    client_id: client.client_id,
    jti: randomBytes(32).toString('base64url'),
    sid,
    session_id: sessionId,
    roles,
    ...(company !== undefined && { legal_entity_id: company }),
    ...(authentication.actor !== undefined && { act: { sub: authentication.actor } }),
    ...(proof && { cnf: { jkt: proof.thumbprint } }),
  }
}

/** OpenID Connect Core section 2; about the person, what the scope lets the app know. */
function idTokenClaims({ tenant, client }: GrantRequest, { login, holder, scopes }: TokensToSign, issuedAt: number) {
  const { authTime, amr, nonce } = login.authentication
  const { sub, user } = holder
  return {
    iss: tenant.issuer,
    sub,
    aud: client.client_id,
    iat: issuedAt,
    exp: issuedAt + ID_TOKEN_TTL_SECONDS,
    sid: login.familyId,
    auth_time: authTime,
    amr,
    nonce,
    ...(user && claimsInScope(user, scopes)),
  }
}
