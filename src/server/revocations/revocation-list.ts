import { createHash } from 'node:crypto'
import { type CryptoKey, importJWK, SignJWT } from 'jose'
import type { SigningJwk } from '../keys/tenant-keys.ts'
import { listGuestsEndedSince } from '../store/ended-guests.ts'
import { listFamiliesEndedSince } from '../store/families.ts'
import { listRevokedTokens } from '../store/revoked-tokens.ts'
import { longestGuestTokenSeconds } from '../tenant/guest-token-lifetime.ts'
import { loadClient, type Tenant } from '../tenant/tenant.ts'

/**
 * Access tokens with this claim are no good any more, though they verify: a login's or a guest's, one by itself, or all that
 * an inactive client was given. After `until` (epoch seconds) the last has ended.
 */
export type Revocation = ({ sid: string } | { jti: string } | { client_id: string }) & { until: number }

/** A signed list as served: the same bytes and tag as long as nothing changed. */
export interface SignedRevocations {
  jwt: string
  etag: string
}

/** How long one node serves what it has read: well within the ten seconds a verifier may be behind. */
const FRESH_MS = 1000
/** The signature covers when the list was made; verifiers refuse one that is older. */
const LIST_TTL_SECONDS = 300
/** Another node's clock may be ahead by this much, and a token signed just before the end was noticed. */
const MARGIN_MS = 60_000

export interface RevocationList {
  current(now: number): Promise<SignedRevocations>
}

/** What ended in a tenant while access tokens of it are still about. */
export async function createRevocationList(tenant: Tenant, keys: SigningJwk[]): Promise<RevocationList> {
  const jwk = keys.find(({ alg }) => alg === 'ES256')
  if (!jwk) throw new Error(`tenant ${tenant.id} has no ES256 key`)
  const key = (await importJWK(jwk, 'ES256')) as CryptoKey
  let served: { list: Promise<SignedRevocations>; readAt: number } | undefined

  async function read(now: number): Promise<SignedRevocations> {
    const revocations = await listRevocations(tenant, now)
    const madeAt = Math.floor(now / 1000)
    const jwt = await new SignJWT({ revocations })
      .setProtectedHeader({ alg: 'ES256', typ: 'revocations+jwt', kid: jwk?.kid ?? '' })
      .setIssuer(tenant.issuer)
      .setIssuedAt(madeAt)
      .setExpirationTime(madeAt + LIST_TTL_SECONDS)
      .sign(key)
    return { jwt, etag: tagOf(revocations, madeAt) }
  }

  return {
    current(now) {
      if (!served || now - served.readAt >= FRESH_MS || now < served.readAt) {
        const list = read(now)
        served = { list, readAt: now }
        // A failed read is not kept: the next request tries again.
        list.catch(() => (served = undefined))
      }
      return served.list
    },
  }
}

async function listRevocations(tenant: Tenant, now: number): Promise<Revocation[]> {
  const { db } = tenant.services.store
  const clients = [...tenant.clients.values()]
  const memberMs = Math.max(0, ...clients.map((client) => client.access_token_ttl)) * 1000 + MARGIN_MS
  const guestMs = Math.max(0, ...clients.map((client) => longestGuestTokenSeconds(tenant, client))) * 1000 + MARGIN_MS
  const [families, guests, tokens] = await Promise.all([
    listFamiliesEndedSince(db, tenant.id, now - memberMs),
    listGuestsEndedSince(db, tenant.id, now - guestMs),
    listRevokedTokens(db, tenant.id, now),
  ])
  return [
    ...families.map(({ id, client_id, ended_at }) => ({
      sid: id,
      until: secondsOf((ended_at ?? now) + ttlMs(tenant, client_id, memberMs)),
    })),
    ...guests.map(({ guest_sub, ended_at }) => ({ sid: guest_sub, until: secondsOf(ended_at + guestMs) })),
    ...tokens.map(({ jti, forget_at }) => ({ jti, until: secondsOf(forget_at) })),
    ...inactiveClients(tenant, now),
  ].filter(({ until }) => until * 1000 > now)
}

const HOUR_MS = 3_600_000

/** As long as they are inactive; in whole hours, so that the list stays the same from one moment to the next. */
function inactiveClients(tenant: Tenant, now: number): Revocation[] {
  return tenant.config.clients
    .filter(({ client_id }) => !tenant.clients.has(client_id))
    .map((client) => {
      const longestMs = Math.max(client.access_token_ttl, longestGuestTokenSeconds(tenant, client)) * 1000 + MARGIN_MS
      return { client_id: client.client_id, until: secondsOf(Math.ceil((now + longestMs) / HOUR_MS) * HOUR_MS) }
    })
}

/** A client that left the configuration may have had any lifetime. */
function ttlMs(tenant: Tenant, clientId: string, longestMs: number): number {
  return tenant.clients.has(clientId) ? loadClient(tenant, clientId).access_token_ttl * 1000 + MARGIN_MS : longestMs
}

function secondsOf(ms: number): number {
  return Math.ceil(ms / 1000)
}

/** Changes with the entries, and often enough that nobody's copy outlives its signature. */
function tagOf(revocations: Revocation[], madeAt: number): string {
  const half = Math.floor(madeAt / (LIST_TTL_SECONDS / 2))
  return `"${createHash('sha256')
    .update(JSON.stringify([revocations, half]))
    .digest('base64url')
    .slice(0, 22)}"`
}
