import { hashOf } from './hash.ts'
import type { Db } from './store.ts'
import type { RefreshTokenRow } from './tables.ts'

export interface NewRefreshToken extends Pick<RefreshTokenRow, 'tenant' | 'family_id' | 'jkt' | 'issued_at' | 'idle_end'> {
  /** The plain token; only its hash is stored. */
  token: string
}

export async function insertRefreshToken(db: Db, { token, ...row }: NewRefreshToken): Promise<void> {
  await db
    .insertInto('refresh_tokens')
    .values({ ...row, token_hash: hashOf(token), consumed_at: null, successor_hash: null, sealed_successor: null })
    .execute()
}

/** Finds a token, used or not, ended or not. */
export async function findRefreshToken(
  db: Db,
  { tenant, token }: { tenant: string; token: string },
): Promise<RefreshTokenRow | undefined> {
  return findRefreshTokenByHash(db, { tenant, tokenHash: hashOf(token) })
}

/** Finds the token a `successor_hash` names. */
export async function findRefreshTokenByHash(
  db: Db,
  { tenant, tokenHash }: { tenant: string; tokenHash: string },
): Promise<RefreshTokenRow | undefined> {
  return db
    .selectFrom('refresh_tokens')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()
}

export interface RefreshTokenUse {
  tenant: string
  token: string
  /** The plain token that takes over; only its hash is stored. */
  successor: string
  /** The same, encrypted under a key derived from `token`. */
  sealedSuccessor: string
  now: number
}

/** Marks a token used and names its successor. Of any number of callers at once exactly one gets `true`. */
export async function consumeRefreshToken(db: Db, use: RefreshTokenUse): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('refresh_tokens')
    .set({ consumed_at: use.now, successor_hash: hashOf(use.successor), sealed_successor: use.sealedSuccessor })
    .where('tenant', '=', use.tenant)
    .where('token_hash', '=', hashOf(use.token))
    .where('consumed_at', 'is', null)
    .where('idle_end', '>', use.now)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
