import type { KoaContextWithOIDC } from 'oidc-provider'

/** The name of who signed in: the least that a sign-in is good for. */
export const DEFAULT_SCOPE = 'profile'

/** What an app that names no scope asks for (RFC 6749 section 3.3); the engine would let it sign people in for nothing. */
export function assumeScope({ oidc }: KoaContextWithOIDC, scope: string | undefined): void {
  if (scope === undefined) Object.assign(oidc.params ?? {}, { scope: DEFAULT_SCOPE })
}
