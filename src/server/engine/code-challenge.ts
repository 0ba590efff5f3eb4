import { errors, type KoaContextWithOIDC } from 'oidc-provider'

/** A SHA-256 in base64url, which is all that S256 produces (RFC 7636 section 4.2). */
const S256_CHALLENGE = /^[\w-]{43}$/

/** @throws `invalid_request` at once, instead of `invalid_grant` once somebody has signed in for nothing */
export function checkCodeChallenge(_ctx: KoaContextWithOIDC, challenge: string | undefined): void {
  if (challenge === undefined || S256_CHALLENGE.test(challenge)) return
  throw new errors.InvalidRequest('code_challenge must be the base64url of a SHA-256: 43 characters')
}
