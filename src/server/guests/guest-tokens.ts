import { randomUUID } from 'node:crypto'
import type { GrantAnswer, GrantRequest } from '../engine/grants/grant-request.ts'
import { refreshFields } from '../engine/grants/token-answer.ts'
import type { UserRow } from '../store/tables.ts'
import type { GuestSession } from './guest-session.ts'

interface GuestTokens {
  guest: GuestSession
  template: UserRow
  roles: string[]
  now: number
}

/** Answers for a guest: a signed access token of the same form as a member's, and the sealed refresh token. */
export async function guestAnswer(request: GrantRequest, tokens: GuestTokens): Promise<GrantAnswer> {
  const { signer, dialect, guests } = request
  const { guest, roles, now } = tokens
  const issuedAt = Math.floor(now / 1000)
  const expiresIn = secondsToLive(request, guest, now)
  const claims = { ...accessTokenClaims(request, tokens), iat: issuedAt, exp: issuedAt + expiresIn, jti: randomUUID() }
  return {
    access_token: await signer.signAccessToken(claims, dialect?.alg ?? 'ES256'),
    token_type: guest.jkt === undefined ? 'Bearer' : 'DPoP',
    expires_in: expiresIn,
    access_token_expires_at: new Date(now + expiresIn * 1000).toISOString(),
    ...scopeOf(roles),
    session_id: guest.sessionId,
    ...(isRenewable(request, guest, now) &&
      refreshFields({ value: guests.sealer.seal(guest), expiresAt: guest.idleEnd }, now)),
  }
}

function isRenewable({ dialect }: GrantRequest, { idleEnd }: GuestSession, now: number): boolean {
  return idleEnd > now && dialect?.guestTtlSeconds === undefined
}

/** A guest's access token may be used offline, but never past the guest's own end. */
function secondsToLive({ client, dialect }: GrantRequest, { absoluteEnd }: GuestSession, now: number): number {
  if (dialect?.guestTtlSeconds !== undefined) return dialect.guestTtlSeconds
  const ttlSeconds = client.guest?.access_token_ttl ?? 0
  return Math.min(ttlSeconds, dialect?.accessTokenTtlSeconds ?? ttlSeconds, Math.floor((absoluteEnd - now) / 1000))
}

/** RFC 9068, with `guest` for whoever must not take a visitor for a member. One guest is one session, so `sid` is its subject. */
function accessTokenClaims({ tenant, dialect }: GrantRequest, { guest, template: user, roles }: GuestTokens) {
  const { sub, sessionId } = guest
  return {
    ...dialect?.accessTokenClaims?.({
      sub,
      sid: sub,
      sessionId,
      roles,
      user,
      isGuest: true,
      visitEnd: guest.absoluteEnd,
    }),
    iss: tenant.issuer,
    aud: tenant.config.audience,
    sub,
    sid: sub,
    client_id: guest.clientId,
    session_id: sessionId,
    guest: true,
    roles,
    ...scopeOf(roles),
    ...guest.context,
    ...(guest.jkt !== undefined && { cnf: { jkt: guest.jkt } }),
  }
}

/** What a guest may do is their roles (RFC 6749 section 5.1); a scope is never empty (section 3.3). */
function scopeOf(roles: string[]): { scope?: string } {
  return roles.length > 0 ? { scope: roles.join(' ') } : {}
}
