import { type Configuration, errors, interactionPolicy, type KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { GuestProofs } from '../guests/guest-proof.ts'
import type { GuestSealer } from '../guests/guest-session.ts'

import { deriveKey } from '../keys/sealing.ts'
import type { SigningJwk } from '../keys/tenant-keys.ts'
import { loadClient, type Tenant } from '../tenant/tenant.ts'
import type { AccessTokenReader } from './access-token-reader.ts'
import { accountFinder, PERSON_CLAIMS } from './accounts.ts'
import { createAdapterFactory } from './adapter.ts'
import { engineClient, installClientRules, isPublic } from './clients.ts'
import { checkCodeChallenge } from './code-challenge.ts'
import { grantLoader } from './consent.ts'
import { engineCookies } from './cookies.ts'
import { assumeScope } from './default-scope.ts'
import { answerEngineFailure, renderEngineError } from './error-pages.ts'
import { GRANTS } from './grants/grants.ts'
import { ID_TOKEN_TTL_SECONDS } from './grants/sign-tokens.ts'
import { installImplicit } from './implicit.ts'
import { observeEngine } from './observe.ts'
import { checkResource, tenantResourceServer } from './resource-server.ts'
import { installSessionRules, sessionTtlSeconds } from './sessions.ts'
import { answerSignOut, askBeforeSignOut, confirmSignedOut } from './sign-out.ts'
import { extraClaims } from './token-claims.ts'
import { installTokenRevocation } from './token-revocation.ts'
import { checkWebMessage, letAppFrameItsAnswer } from './web-message.ts'

/** What the engine needs from the interaction pages, which it only knows by their address. */
export interface InteractionPages {
  /** Called once an interaction is stored: leaves what revives it in the browser, and answers with its path. */
  open(ctx: KoaContextWithOIDC, interaction: { uid: string; params: Record<string, unknown> }): string
}

interface EngineParts {
  /** The tenant's private signing keys. */
  keys: SigningJwk[]
  accessTokens: AccessTokenReader
  pages: InteractionPages
  guestSealer: GuestSealer
  guestProofs: GuestProofs
}

const CODE_TTL_SECONDS = 60
/** From consent to code; afterwards the family stands for the grant. */
const GRANT_TTL_SECONDS = 900

/** The protocol engine of one tenant: node-oidc-provider with our store, our grants and our rules. */
export function createEngine(tenant: Tenant, parts: EngineParts): Provider {
  const provider = new Provider(tenant.issuer, engineConfiguration(tenant, parts))
  provider.proxy = true
  installClientRules(provider, tenant)
  installSessionRules(provider, tenant)
  declareGrants(provider)
  installTokenRevocation(provider, tenant)
  observeEngine(provider, tenant)
  const answerFailure = answerEngineFailure(tenant)
  provider.use((ctx, next) => answerFailure(ctx as KoaContextWithOIDC, next))
  provider.use((ctx, next) => letAppFrameItsAnswer(ctx as KoaContextWithOIDC, next))
  installImplicit(provider, tenant)
  const finishSignOut = answerSignOut(tenant)
  provider.use((ctx, next) => finishSignOut(ctx as KoaContextWithOIDC, next))
  provider.use((ctx, next) => answerRevocationInJson(ctx as KoaContextWithOIDC, next))
  return provider
}

function engineConfiguration(
  tenant: Tenant,
  { keys, accessTokens, pages, guestSealer, guestProofs }: EngineParts,
): Configuration {
  const { config, services } = tenant
  return {
    adapter: createAdapterFactory(tenant, accessTokens, guestSealer),
    clients: [...tenant.clients.values()].map(engineClient),
    jwks: { keys },
    findAccount: accountFinder(tenant),
    loadExistingGrant: grantLoader(tenant, guestProofs),
    renderError: renderEngineError(tenant),
    extraTokenClaims: extraClaims,
    cookies: engineCookies(tenant),
    routes: {
      authorization: '/authorize',
      token: '/token',
      pushed_authorization_request: '/par',
      userinfo: '/userinfo',
      introspection: '/introspect',
      revocation: '/revoke',
      jwks: '/jwks',
      end_session: '/logout',
    },
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    claims: {
      openid: ['sub', 'sid', 'auth_time', 'amr', 'legal_entity_id'],
      profile: [...PERSON_CLAIMS.profile],
      email: [...PERSON_CLAIMS.email],
    },
    conformIdTokenClaims: false,
    extraParams: {
      ...forwardedParams(tenant),
      ...guestProofs.extraParams,
      code_challenge: checkCodeChallenge,
      scope: assumeScope,
      response_mode: checkWebMessage,
    },
    responseTypes: ['code', 'id_token', 'id_token token'],
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    subjectTypes: ['public'],
    enabledJWA: { idTokenSigningAlgValues: ['ES256', 'RS256'], dPoPSigningAlgValues: ['ES256', 'Ed25519'] },
    pkce: { required: (_ctx, client) => isPublic(loadClient(tenant, client.clientId)) },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: () => false,
    expiresWithSession: () => false,
    clockTolerance: 5,
    discovery: { backchannel_logout_supported: true, backchannel_logout_session_supported: true },
    interactions: {
      policy: promptPolicy(),
      url: (ctx, interaction) => pages.open(ctx, interaction as unknown as Parameters<InteractionPages['open']>[1]),
    },
    ttl: {
      AccessToken: (_ctx, _token, client) => loadClient(tenant, client.clientId).access_token_ttl,
      AuthorizationCode: CODE_TTL_SECONDS,
      Grant: GRANT_TTL_SECONDS,
      IdToken: ID_TOKEN_TTL_SECONDS,
      Interaction: services.limits.interaction_ttl,
      Session: (_ctx, session) => sessionTtlSeconds(tenant, session),
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: true, nonceSecret: deriveKey(services.secrets[0] ?? '', `DPoP nonces of ${tenant.id}`, 32) },
      // Answered without the engine, which tells of it in its discovery document.
      introspection: { enabled: true, allowedPolicy: () => false },
      pushedAuthorizationRequests: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => config.audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          checkResource(tenant, resource)
          return tenantResourceServer(tenant)
        },
      },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: askBeforeSignOut(tenant),
        postLogoutSuccessSource: confirmSignedOut(tenant),
      },
      userinfo: { enabled: true },
      webMessageResponseMode: { enabled: true, ack: 'individual-draft-01' },
    },
  }
}

/** What an app may say to the providers its people sign in through; the engine drops what it doesn't know. */
function forwardedParams({ config }: Tenant): Record<string, () => void> {
  const names = config.upstream.flatMap((upstream) => (upstream.flow === 'code' ? upstream.forwarded_parameters : []))
  return Object.fromEntries(names.map((name) => [name, () => {}]))
}

/** Answered without the engine, which only has to know what clients may hold, and what discovery tells. */
function declareGrants(provider: Provider): void {
  for (const { grantType } of GRANTS) {
    provider.registerGrantType(grantType, () => Promise.reject(new errors.UnsupportedGrantType()), [])
  }
}

/** A disabled person's session asks for somebody else's sign-in; first-party native apps are asked once like the rest. */
function promptPolicy() {
  const policy = interactionPolicy.base()
  policy.get('consent')?.checks.remove('native_client_prompt')
  policy
    .get('login')
    ?.checks.add(
      new interactionPolicy.Check('account_unusable', 'End-User authentication is required', 'login_required', (ctx) =>
        ctx.oidc.session?.accountId !== undefined && ctx.oidc.account === undefined
          ? interactionPolicy.Check.REQUEST_PROMPT
          : interactionPolicy.Check.NO_NEED_TO_PROMPT,
      ),
    )
  return policy
}

/** The engine answers text/plain with an empty body, which clients that parse JSON choke on (RFC 7009 section 2.2). */
async function answerRevocationInJson(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next()
  if (ctx.oidc?.route === 'revocation' && ctx.status === 200) ctx.body = {}
}
