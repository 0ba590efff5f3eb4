import type { AccessTokenClaims } from './access-token.ts'
import { TokenError } from './token-error.ts'

/** What an accepted access token says. */
export interface VerifiedToken {
  /** The person, or the client acting for itself. */
  readonly sub: string
  /** The app the token was issued to. */
  readonly clientId: string
  /** Roles held, for deciding what is allowed. */
  readonly roles: readonly string[]
  readonly scope: readonly string[]
  /** This login; ends with it. */
  readonly sid: string | undefined
  /** Names the visit across guest and member. */
  readonly sessionId: string | undefined
  /** Whether the subject is a guest. */
  readonly guest: boolean
  /** The company the person acts for, where they chose one; take it from here and nowhere else. */
  readonly company?: string
  /** All claims, as they came. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** Reads the claims of an accepted token. */
export function toVerifiedToken(claims: AccessTokenClaims): VerifiedToken {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  return {
    sub: claims.sub,
    clientId: claims.client_id,
    roles: toList(claims.roles),
    scope: text(claims.scope)?.split(' ').filter(Boolean) ?? [],
    sid: text(claims.sid),
    sessionId: text(claims.session_id),
    guest: claims.guest === true,
    ...(typeof claims.legal_entity_id === 'string' && { company: claims.legal_entity_id }),
    claims,
  }
}

/**
 * Refuses a token that lacks one of these scope values.
 *
 * @throws {TokenError} `scope-insufficient`, status 403 (RFC 6750 section 3.1).
 * @example
 * requireScope(await verifier.verify(request), 'orders:write')
 */
export function requireScope(token: VerifiedToken, ...scope: string[]): void {
  if (scope.every((value) => token.scope.includes(value))) return
  throw new TokenError('scope-insufficient', 'The access token does not reach this far.', { scope })
}

/** A single role may come as a bare string. */
function toList(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
