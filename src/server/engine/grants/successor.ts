import { createSecretKey, hash, type KeyObject } from 'node:crypto'
import { decrypt, encrypt } from '../../keys/sealing.ts'
import { endFamilies } from '../../store/families.ts'
import { type FoundRefreshToken, findRefreshToken } from '../../store/refresh-tokens.ts'
import type { Db } from '../../store/store.ts'
import type { GrantRequest } from './grant-request.ts'
import { isRecent } from './recent.ts'
import type { IssuedRefreshToken } from './token-answer.ts'

/** What a refresh comes to: a token (none where it stays the same), or why the login is over. */
export type Rotation = { kind: 'issued'; refresh: IssuedRefreshToken | undefined } | { kind: 'ended'; why: string }

/** The same successor again for whoever may have missed it; for anybody else the login is over. */
export async function repeatSuccessor(
  tx: Db,
  request: GrantRequest,
  { presented, spent, now }: { presented: string; spent: FoundRefreshToken; now: number },
): Promise<Rotation> {
  const value = openSuccessor(presented, spent.token.sealed_successor)
  const given = value && (await findRefreshToken(tx, request.tenant.id, value))
  const isInGrace = isRecent(spent.token.consumed_at ?? 0, request.client.refresh_grace * 1000, now)
  // Bound to a key, which the request has proved, and never used: a laptop slept before it heard the answer.
  const wasLost = spent.token.jkt !== null && given && given.token.consumed_at === null
  if (!given || !(isInGrace || wasLost)) return endReused(tx, request, spent, now)
  if (given.token.idle_end <= now) return end(tx, request, spent, { reason: 'expired', now })
  return { kind: 'issued', refresh: { value, expiresAt: given.token.idle_end } }
}

async function endReused(tx: Db, request: GrantRequest, spent: FoundRefreshToken, now: number): Promise<Rotation> {
  const { tenant, origin } = request
  const { user_id: userId, client_id: clientId } = spent.family
  await tenant.services.audit.record({ tenant: tenant.id, event: 'token.reused', userId, clientId, ...origin }, now, tx)
  return end(tx, request, spent, { reason: 'refresh-token-reused', now })
}

async function end(
  tx: Db,
  { tenant }: GrantRequest,
  { family }: FoundRefreshToken,
  { reason, now }: { reason: string; now: number },
): Promise<Rotation> {
  await endFamilies(tx, { tenant: tenant.id, ids: [family.id], reason }, now)
  return { kind: 'ended', why: reason }
}

export function sealSuccessor(presented: string, successor: string): string {
  return encrypt(keyFrom(presented), successor).toString('base64url')
}

function openSuccessor(presented: string, sealed: string | null): string | undefined {
  return sealed === null ? undefined : decrypt(keyFrom(presented), Buffer.from(sealed, 'base64url'))?.toString()
}

/**
 * Only who presents the old token can read the new one: the key is made from it. One hash is enough, and several times
 * cheaper than HKDF, because a token is 256 random bits, which need no extraction, and its key is for nothing else.
 */
function keyFrom(presented: string): KeyObject {
  return createSecretKey(hash('sha256', `refresh token successor ${presented}`, 'buffer'))
}
