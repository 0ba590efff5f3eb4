import { randomUUID } from 'node:crypto'
import type { ClientConfig } from '../config/schema.ts'
import { createJwtSigner } from '../keys/jwt-signer.ts'
import type { SigningJwk } from '../keys/tenant-keys.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { GuestSealer, GuestSession } from './guest-session.ts'

/** Answers for a guest: a signed access token of the same form as a member's, and the sealed refresh token. */
export interface GuestTokens {
  answer(guest: GuestSession, client: ClientConfig, roles: string[], now: number): Promise<Record<string, unknown>>
}

/** A guest's access token may be used offline, but never past the guest's own end. */
function secondsToLive({ absoluteEnd }: GuestSession, client: ClientConfig, now: number): number {
  return Math.min(client.guest?.access_token_ttl ?? 0, Math.floor((absoluteEnd - now) / 1000))
}

export async function createGuestTokens(tenant: Tenant, keys: SigningJwk[], sealer: GuestSealer): Promise<GuestTokens> {
  const jwk = keys.find(({ alg }) => alg === 'ES256')
  if (!jwk) throw new Error(`tenant ${tenant.id} has no ES256 key`)
  const sign = await createJwtSigner(jwk, 'at+jwt')
  return {
    async answer(guest, client, roles, now) {
      const issuedAt = Math.floor(now / 1000)
      const expiresIn = secondsToLive(guest, client, now)
      const claims = {
        ...accessTokenClaims(tenant, guest, roles),
        iat: issuedAt,
        exp: issuedAt + expiresIn,
        jti: randomUUID(),
      }
      return {
        access_token: await sign(claims),
        token_type: guest.jkt === undefined ? 'Bearer' : 'DPoP',
        expires_in: expiresIn,
        access_token_expires_at: new Date(now + expiresIn * 1000).toISOString(),
        ...scopeOf(roles),
        session_id: guest.sessionId,
        ...refreshFields(guest, sealer, now),
      }
    },
  }
}

/** RFC 9068, with `guest` for whoever must not take a visitor for a member. One guest is one session, so `sid` is its subject. */
function accessTokenClaims({ issuer, config }: Tenant, guest: GuestSession, roles: string[]): Record<string, unknown> {
  return {
    iss: issuer,
    aud: config.audience,
    sub: guest.sub,
    sid: guest.sub,
    client_id: guest.clientId,
    session_id: guest.sessionId,
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

function refreshFields(guest: GuestSession, sealer: GuestSealer, now: number): Record<string, unknown> {
  if (guest.idleEnd <= now) return {}
  return {
    refresh_token: sealer.seal(guest),
    refresh_token_expires_in: Math.floor((guest.idleEnd - now) / 1000),
    refresh_token_expires_at: new Date(guest.idleEnd).toISOString(),
  }
}
