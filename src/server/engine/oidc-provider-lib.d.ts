declare module 'oidc-provider/lib/actions/end_session.js' {
  import type { KoaContextWithOIDC } from 'oidc-provider'
  export const confirm: ((ctx: KoaContextWithOIDC) => Promise<void>)[]
}

declare module 'oidc-provider/lib/helpers/pkce.js' {
  /** Throws `InvalidGrant` or `InvalidRequest`. */
  export default function checkPkce(
    verifier: string | undefined,
    challenge: string | undefined,
    method: string | undefined,
  ): void
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
