import { randomBytes } from '../../keys/random-bytes.ts'
import { insertRefreshToken } from '../../store/refresh-tokens.ts'
import type { Db } from '../../store/store.ts'
import { isPublic } from '../clients.ts'
import type { GrantRequest } from './grant-request.ts'
import type { IssuedRefreshToken } from './token-answer.ts'

export interface NewRefreshToken extends IssuedRefreshToken {
  /** Moved forward by each refresh, never past the absolute end. Epoch milliseconds. */
  idleEnd: number
  /** Never moved (RFC 9700 section 4.14.2). */
  absoluteEnd: number
}

/** The first token of a family, or nothing when the client takes none or its lifetime is 0. */
export function firstRefreshToken({ client, tenant }: GrantRequest, now: number): NewRefreshToken | undefined {
  if (!client.grant_types.includes('refresh_token') || client.refresh_token_ttl === 0) return undefined
  const absoluteEnd = now + (client.absolute_ttl ?? tenant.config.session.absolute_ttl) * 1000
  return newRefreshToken({ client, tenant }, { absoluteEnd, now })
}

/** 256 random bits, in the unpadded alphabet that percent-encoding leaves alone. */
export function newRefreshToken(
  { client, tenant }: Pick<GrantRequest, 'client' | 'tenant'>,
  { absoluteEnd, now }: { absoluteEnd: number; now: number },
): NewRefreshToken {
  const idleTtlSeconds = client.refresh_token_ttl ?? tenant.config.session.idle_ttl
  const idleEnd = Math.min(now + idleTtlSeconds * 1000, absoluteEnd)
  return { value: randomBytes(32).toString('base64url'), expiresAt: idleEnd, idleEnd, absoluteEnd }
}

/**
 * Bound to the key of the request's DPoP proof where nothing else shows who the client is; a client with a secret may
 * take a new key at any time (RFC 9449 section 5).
 */
export async function storeFirstRefreshToken(
  tx: Db,
  { tenant, client, proof }: GrantRequest,
  { familyId, refresh, now }: { familyId: string; refresh: NewRefreshToken; now: number },
): Promise<void> {
  await insertRefreshToken(tx, {
    tenant: tenant.id,
    token: refresh.value,
    familyId,
    jkt: isPublic(client) ? proof?.thumbprint : undefined,
    issuedAt: now,
    idleEnd: refresh.idleEnd,
  })
}
