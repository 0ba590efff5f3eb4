import type { AuthUser } from '../auth-state.ts'
import type { TokenSet } from '../issuer/token-set.ts'
import { readJwtClaims } from '../jwt-claims.ts'
import type { IdToken, IdTokenClaims } from '../sign-in/id-token.ts'
import type { GuestRecord, MemberRecord, SessionRecord } from './session-record.ts'

/** Builds the record of a fresh sign-in. */
export function startSession(
  tokens: TokenSet,
  idToken: IdToken,
  { login, clockOffsetMs }: Pick<SessionRecord, 'login' | 'clockOffsetMs'>,
): MemberRecord {
  return {
    kind: 'member',
    login,
    generation: 1,
    user: toUser(idToken.claims),
    ...rightsOf(tokens),
    refreshToken: tokens.refreshToken,
    idToken: idToken.raw,
    clockOffsetMs,
    signedInAt: Date.now(),
    ...(tokens.isGuestUpgraded && { guestUpgrade: 'pending' as const }),
  }
}

/** Builds the record of a new guest. */
export function startGuest(
  tokens: TokenSet,
  { login, clockOffsetMs }: Pick<SessionRecord, 'login' | 'clockOffsetMs'>,
): GuestRecord {
  const claims = readJwtClaims(tokens.accessToken)
  const sessionId = String(tokens.sessionId ?? claims?.session_id ?? '')
  const sub = String(claims?.sub ?? sessionId)
  return { kind: 'guest', login, generation: 1, sub, sessionId, refreshToken: tokens.refreshToken, clockOffsetMs }
}

/** Builds a guest's record after a renewal. */
export function renewGuest(previous: GuestRecord, tokens: TokenSet, clockOffsetMs: number): GuestRecord {
  return {
    ...previous,
    generation: previous.generation + 1,
    refreshToken: tokens.refreshToken ?? previous.refreshToken,
    clockOffsetMs,
  }
}

/** Builds the record after a renewal; what the answer leaves out stays (RFC 6749 section 6). */
export function renewSession(
  previous: MemberRecord,
  tokens: TokenSet,
  idToken: IdToken | undefined,
  clockOffsetMs: number,
): MemberRecord {
  const { company, ...kept } = previous
  const isLost = company !== undefined && tokens.company === undefined
  return {
    ...kept,
    generation: previous.generation + 1,
    ...(idToken && { user: toUser(idToken.claims), idToken: idToken.raw }),
    ...rightsOf(tokens, previous),
    refreshToken: tokens.refreshToken ?? previous.refreshToken,
    clockOffsetMs,
    ...(isLost && { isCompanyLost: true }),
  }
}

function toUser(claims: IdTokenClaims): AuthUser {
  const text = (name: string) => (typeof claims[name] === 'string' ? (claims[name] as string) : undefined)
  return definedOnly({
    sub: claims.sub,
    name: text('name'),
    username: text('preferred_username'),
    email: text('email'),
    emailVerified: typeof claims.email_verified === 'boolean' ? claims.email_verified : undefined,
    companies: Array.isArray(claims.legal_entities) ? claims.legal_entities.map(String) : undefined,
    picture: text('picture'),
  })
}

/** Roles are read from the access token for show; an opaque one leaves what was known. */
function rightsOf(tokens: TokenSet, previous?: MemberRecord): Pick<MemberRecord, 'roles' | 'company' | 'sessionId'> {
  const claims = readJwtClaims(tokens.accessToken)
  const sessionId = tokens.sessionId ?? claims?.session_id ?? previous?.sessionId ?? ''
  return {
    roles: claims ? toRoles(claims.roles) : (previous?.roles ?? []),
    ...(tokens.company !== undefined && { company: tokens.company }),
    sessionId: String(sessionId),
  }
}

/** A single role may come as a bare string. */
function toRoles(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((role) => typeof role === 'string') : []
}

function definedOnly<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T
}
