import { randomUUID } from 'node:crypto'
import type { ClientConfig } from '../config/schema.ts'
import { createSealer } from '../keys/sealing.ts'
import type { Tenant } from '../tenant/tenant.ts'

/** Everything there is to know about a guest; no row holds it, only the guest's own sealed refresh token. */
export interface GuestSession {
  /** The continuity id: a member who was this guest keeps it. */
  sessionId: string
  /** The guest's subject; a member gets their own. */
  sub: string
  clientId: string
  /** Roles asked for at the start; empty means all of the template's. */
  scope: string[]
  /** What the shop knows about the visit; copied into each access token. */
  context: GuestContext
  /** RFC 7638 thumbprint of the DPoP key it is bound to. */
  jkt?: string | undefined
  /** Epoch milliseconds; each refresh moves it, never past the absolute end. */
  idleEnd: number
  absoluteEnd: number
}

export interface GuestContext {
  /** Id given by an outside beacon. */
  anonuserid?: string
  currency?: string
  site?: string
  language?: string
  location?: string
}

/** Seals guests into refresh tokens of a tenant, and opens them again. */
export interface GuestSealer {
  seal(guest: GuestSession): string
  /** Nothing when it isn't a guest token of this tenant, was changed, or is past its end. */
  open(token: string, now: number): GuestSession | undefined
}

export function createGuestSealer(tenant: Tenant): GuestSealer {
  const sealer = createSealer(tenant.services.secrets, 'guest refresh token')
  return {
    seal: (guest) => sealer.seal(JSON.stringify(guest), tenant.id),
    open(token, now) {
      const plain = sealer.open(token, tenant.id)
      if (!plain) return undefined
      const guest = JSON.parse(Buffer.from(plain).toString()) as GuestSession
      return guest.idleEnd > now ? guest : undefined
    },
  }
}

/** A member's refresh token is one run of random characters; a sealed guest has parts. */
export function looksLikeGuestToken(token: string): boolean {
  return token.includes('.')
}

export function newGuest(
  tenant: Tenant,
  client: ClientConfig,
  request: { scope: string[]; context: GuestContext; jkt: string | undefined },
  now: number,
): GuestSession {
  const absoluteSeconds = client.absolute_ttl ?? tenant.config.session.absolute_ttl
  const guest = {
    ...request,
    sessionId: randomUUID(),
    sub: randomUUID(),
    clientId: client.client_id,
    idleEnd: 0,
    absoluteEnd: now + absoluteSeconds * 1000,
  }
  return withLaterIdleEnd(guest, client, now)
}

export function withLaterIdleEnd(guest: GuestSession, client: ClientConfig, now: number): GuestSession {
  const idleSeconds = client.guest?.refresh_token_ttl ?? 0
  return { ...guest, idleEnd: Math.min(now + idleSeconds * 1000, guest.absoluteEnd) }
}
