declare module 'oidc-provider/lib/actions/end_session.js' {
  import type { KoaContextWithOIDC } from 'oidc-provider'
  export const confirm: ((ctx: KoaContextWithOIDC) => Promise<void>)[]
}

declare module 'oidc-provider/lib/helpers/grant_response.js' {
  import type { Provider } from 'oidc-provider'
  export function buildTokenResponse(
    provider: Provider,
    answer: {
      accessToken: string
      expiresIn: number
      tokenType: string
      idToken?: string | undefined
      refreshToken?: string | undefined
      scope?: string | undefined
      parameters?: Record<string, unknown>
    },
  ): Record<string, unknown>
}

declare module 'oidc-provider/lib/helpers/grant_common.js' {
  import type { AccessToken, Grant, KoaContextWithOIDC, Provider } from 'oidc-provider'
  export function createAccessToken(
    provider: Provider,
    ctx: KoaContextWithOIDC,
    source: { accountId: string; grantId: string; sid: string; sessionUid?: string | undefined },
    gty: string,
  ): AccessToken & {
    jkt?: string
    resourceServer: unknown
    readonly expiration: number
    expiresIn: number
    readonly tokenType: string
  }
  export function issueIdToken(
    provider: Provider,
    ctx: KoaContextWithOIDC,
    source: {
      scopes: Set<string>
      scope?: string | undefined
      claims?: unknown
      acr?: string | undefined
      amr?: string[] | undefined
      authTime?: number | undefined
      nonce?: string | undefined
      sid: string
    },
    accessToken: AccessToken,
    grant: Grant,
    scope?: Set<string>,
  ): Promise<string | undefined>
}

declare module 'oidc-provider/lib/helpers/pkce.js' {
  /** Throws `InvalidGrant` or `InvalidRequest`. */
  export default function checkPkce(
    verifier: string | undefined,
    challenge: string | undefined,
    method: string | undefined,
  ): void
}

declare module 'oidc-provider/lib/helpers/sender_constraints.js' {
  import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
  export function checkDpopRequired(provider: Provider, ctx: KoaContextWithOIDC, proof: unknown): void
}

declare module 'oidc-provider/lib/helpers/validate_dpop.js' {
  import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
  export default function validateDpop(
    provider: Provider,
    ctx: KoaContextWithOIDC,
    accessToken?: string,
  ): Promise<{ thumbprint: string; jti: string; iat: number } | undefined>
}

declare module 'oidc-provider/lib/helpers/weak_cache.js' {
  import type { Provider } from 'oidc-provider'
  export default function internalsOf(provider: Provider): { configuration: { responseTypes: string[] } }
}
