import type { AccessToken, KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Tenant } from '../../tenant/tenant.ts'
import type { PersonAccount } from '../accounts.ts'
import { createAccessToken, issueIdToken } from '../internals.ts'
import { tenantResourceServer } from '../resource-server.ts'

/** What every answer of one login repeats; kept with its family. */
export interface Login {
  /** The family: also the engine's grant id and the tokens' `sid`. */
  familyId: string
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
}

export interface SignedTokens {
  accessToken: string
  idToken: string | undefined
  tokenType: string
  /** Seconds. */
  expiresIn: number
  scope: string | undefined
}

/** Our claims for an access token that is about to be signed; the engine asks for them while it signs. */
export interface TokenClaims {
  sid: string
  session_id: string
  roles: string[]
}

const claimsOf = new WeakMap<object, TokenClaims>()

/** What a token says beyond RFC 9068, decided before the engine signs it. */
export function setTokenClaims(token: object, claims: TokenClaims): void {
  claimsOf.set(token, claims)
}

export function findTokenClaims(token: object): TokenClaims | undefined {
  return claimsOf.get(token)
}

/** Signs the access token and, with `openid`, the ID token of a login. Writes nothing. */
export async function signTokens(
  { ctx, provider, tenant }: { ctx: KoaContextWithOIDC; provider: Provider; tenant: Tenant },
  request: {
    grantType: string
    login: Login
    account: PersonAccount
    /** A subset of the login's scope. */
    scopes: Set<string>
    roles: string[]
    /** RFC 7638 thumbprint to bind to. */
    jkt: string | undefined
    /** No token outlives it. Epoch milliseconds. */
    absoluteEnd: number
  },
): Promise<SignedTokens> {
  const { login, account, scopes } = request
  const grant = asGrant(provider, tenant, login, account, ctx)
  const source = {
    ...login.authentication,
    accountId: account.accountId,
    grantId: login.familyId,
    sid: login.familyId,
    scopes,
  }
  const token = createAccessToken(provider, ctx, source, request.grantType)
  if (request.jkt !== undefined) token.setThumbprint('jkt', request.jkt)
  token.expiresIn = Math.min(token.expiration, secondsUntil(request.absoluteEnd))
  token.resourceServer = new provider.ResourceServer(tenant.config.audience, tenantResourceServer(tenant))
  token.scope = grant.getResourceScopeFiltered(tenant.config.audience, scopes)
  setTokenClaims(token, { sid: login.familyId, session_id: login.sessionId, roles: request.roles })
  ctx.oidc.entity('AccessToken', token as AccessToken)
  return {
    accessToken: await token.save(),
    idToken: await issueIdToken(provider, ctx, source, token, grant, scopes),
    tokenType: token.tokenType,
    expiresIn: token.expiration,
    scope: token.scope,
  }
}

function secondsUntil(end: number): number {
  return Math.max(1, Math.ceil((end - Date.now()) / 1000))
}

/** The engine filters scopes and claims by a grant; a family knows all that one says. */
function asGrant(provider: Provider, tenant: Tenant, login: Login, account: PersonAccount, ctx: KoaContextWithOIDC) {
  const grant = new provider.Grant({ accountId: account.accountId, clientId: ctx.oidc.client?.clientId })
  grant.jti = login.familyId
  grant.addOIDCScope(login.scope)
  grant.addResourceScope(tenant.config.audience, login.scope)
  ctx.oidc.entity('Grant', grant)
  ctx.oidc.entity('Account', account)
  return grant
}
