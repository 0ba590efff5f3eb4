import { hashOf } from './hash.ts'
import { prepareQuery } from './prepared-query.ts'
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
  await insert(db, {
    tenant: token.tenant,
    token_hash: hashOf(token.token),
    family_id: token.familyId,
    jkt: token.jkt ?? null,
    issued_at: token.issuedAt,
    idle_end: token.idleEnd,
  })
}

type Unspent = Omit<RefreshTokenRow, 'consumed_at' | 'successor_hash' | 'sealed_successor'>

const insert = prepareQuery<Unspent, never>((db, value) =>
  db.insertInto('refresh_tokens').values({
    tenant: value('tenant'),
    token_hash: value('token_hash'),
    family_id: value('family_id'),
    jkt: value('jkt'),
    issued_at: value('issued_at'),
    idle_end: value('idle_end'),
  }),
)

export interface FoundRefreshToken {
  token: RefreshTokenRow
  family: FamilyRow
}

/** Finds a token with its login: used or not, past its end or not, ended or not. */
export async function findRefreshToken(db: Db, tenant: string, token: string): Promise<FoundRefreshToken | undefined> {
  const { rows } = await byHash(db, { tenant, tokenHash: hashOf(token) })
  const [row] = rows
  return row && { token: row, family: row }
}

/** One row for both: they share no column but the tenant, which is the same. */
const byHash = prepareQuery<{ tenant: string; tokenHash: string }, RefreshTokenRow & FamilyRow>((db, value) =>
  db
    .selectFrom('refresh_tokens')
    .innerJoin('families', (join) =>
      join.onRef('families.tenant', '=', 'refresh_tokens.tenant').onRef('families.id', '=', 'refresh_tokens.family_id'),
    )
    .selectAll(['refresh_tokens', 'families'])
    .where('refresh_tokens.tenant', '=', value('tenant'))
    .where('refresh_tokens.token_hash', '=', value('tokenHash')),
)

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
 * gets `true`, and none once its login has ended.
 */
export async function consumeRefreshToken(db: Db, use: RefreshTokenUse): Promise<boolean> {
  const { tenant, idleEnd, sealedSuccessor, now } = use
  const hashes = { tokenHash: hashOf(use.token), successorHash: hashOf(use.successor) }
  const { numAffectedRows } = await consume(db, { tenant, idleEnd, sealedSuccessor, now, ...hashes })
  return numAffectedRows === 1n
}

/** Ends the renewing of a login, while the login itself goes on. */
export async function deleteRefreshTokens(db: Db, { tenant, familyId }: { tenant: string; familyId: string }) {
  await db.deleteFrom('refresh_tokens').where('tenant', '=', tenant).where('family_id', '=', familyId).execute()
}

type Consumption = Pick<RefreshTokenUse, 'tenant' | 'idleEnd' | 'sealedSuccessor' | 'now'> & {
  tokenHash: string
  successorHash: string
}

const consume = prepareQuery<Consumption, never>((db, value) =>
  db
    .updateTable('refresh_tokens')
    .set({
      consumed_at: value('now'),
      idle_end: value('idleEnd'),
      successor_hash: value('successorHash'),
      sealed_successor: value('sealedSuccessor'),
    })
    .where('tenant', '=', value('tenant'))
    .where('token_hash', '=', value('tokenHash'))
    .where('consumed_at', 'is', null)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('families')
          .select('families.id')
          .whereRef('families.tenant', '=', 'refresh_tokens.tenant')
          .whereRef('families.id', '=', 'refresh_tokens.family_id')
          .where('families.ended_at', 'is', null),
      ),
    ),
)
