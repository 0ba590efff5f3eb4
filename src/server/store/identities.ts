import type { Db } from './store.ts'
import type { IdentityRow, UserRow } from './tables.ts'

/** A subject is unique within its issuer and never given to somebody else (OpenID Connect Core section 2). */
export type IdentityKey = Pick<IdentityRow, 'tenant' | 'issuer' | 'subject'>

/** The person a provider's subject belongs to. */
export function findUserByIdentity(db: Db, { tenant, issuer, subject }: IdentityKey): Promise<UserRow | undefined> {
  return db
    .selectFrom('users')
    .innerJoin('identities', (join) =>
      join.onRef('identities.tenant', '=', 'users.tenant').onRef('identities.user_id', '=', 'users.id'),
    )
    .selectAll('users')
    .where('identities.tenant', '=', tenant)
    .where('identities.issuer', '=', issuer)
    .where('identities.subject', '=', subject)
    .executeTakeFirst()
}

/** Gives a subject to a person; `false` when it belongs to somebody already. */
export async function insertIdentity(db: Db, identity: IdentityRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('identities')
    .values(identity)
    .onConflict((conflict) => conflict.columns(['tenant', 'issuer', 'subject']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

export async function hasIdentity(db: Db, { tenant, userId }: { tenant: string; userId: string }): Promise<boolean> {
  const row = await db
    .selectFrom('identities')
    .select('subject')
    .where('tenant', '=', tenant)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return row !== undefined
}
