import { findFamily } from './families.ts'
import { hashOf } from './hash.ts'
import type { Db } from './store.ts'
import type { FamilyRow, RefreshTokenRow } from './tables.ts'

export interface NewRefreshToken {
  tenant: string
  /** The plain token; only its hash is stored. */
  token: string
  familyId: string
  /** RFC 7638 thumbprint of the DPoP key it is bound to. */
  jkt?: string | undefined
  issuedAt: number
  idleEnd: number
}

export async function insertRefreshToken(db: Db, token: NewRefreshToken): Promise<void> {
  await db
    .insertInto('refresh_tokens')
    .values({
      tenant: token.tenant,
      token_hash: hashOf(token.token),
      family_id: token.familyId,
      jkt: token.jkt ?? null,
      issued_at: token.issuedAt,
      idle_end: token.idleEnd,
      consumed_at: null,
      successor_hash: null,
      sealed_successor: null,
    })
    .execute()
}

export interface FoundRefreshToken {
  token: RefreshTokenRow
  family: FamilyRow
}

/** Finds a token with its login: used or not, past its end or not, ended or not. */
export async function findRefreshToken(db: Db, tenant: string, token: string): Promise<FoundRefreshToken | undefined> {
  return findRefreshTokenByHash(db, tenant, hashOf(token))
}

/** Finds the token that a `successor_hash` names. */
export async function findRefreshTokenByHash(
  db: Db,
  tenant: string,
  tokenHash: string,
): Promise<FoundRefreshToken | undefined> {
  const token = await db
    .selectFrom('refresh_tokens')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()
  const family = token && (await findFamily(db, tenant, token.family_id))
  return family && { token, family }
}

export interface RefreshTokenUse {
  tenant: string
  token: string
  /** The plain token that takes over; only its hash is stored. */
  successor: string
  /** The same, encrypted under a key derived from `token`. */
  sealedSuccessor: string
  /** The successor's idle end: until then whoever never heard of it may come back with `token`. */
  idleEnd: number
  now: number
}

/**
 * Marks a token used and names its successor, as long as which it is kept. Of any number of callers at once exactly one
 * gets `true`.
 */
export async function consumeRefreshToken(db: Db, use: RefreshTokenUse): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('refresh_tokens')
    .set({
      consumed_at: use.now,
      idle_end: use.idleEnd,
      successor_hash: hashOf(use.successor),
      sealed_successor: use.sealedSuccessor,
    })
    .where('tenant', '=', use.tenant)
    .where('token_hash', '=', hashOf(use.token))
    .where('consumed_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
