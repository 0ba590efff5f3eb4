import type { Db } from './store.ts'
import type { UserRow } from './tables.ts'

export interface User extends Omit<UserRow, 'roles' | 'legal_entities' | 'email_verified' | 'guest_template'> {
  email_verified: boolean
  roles: string[]
  legal_entities: string[]
  /** A pattern for guests, never a person who signs in. */
  guest_template: boolean
}

/**
 * Adds a person under every name they sign in with (folded by the caller). `false`, and nothing is written, when one of
 * the names is taken; run it inside a transaction.
 */
export async function insertUser(tx: Db, user: User, nameKeys: string[]): Promise<boolean> {
  const taken = await tx
    .selectFrom('user_names')
    .select('name_key')
    .where('tenant', '=', user.tenant)
    .where('name_key', 'in', nameKeys)
    .executeTakeFirst()
  if (taken) return false
  await tx.insertInto('users').values(rowOf(user)).execute()
  const names = [...new Set(nameKeys)].map((name_key) => ({ tenant: user.tenant, name_key, user_id: user.id }))
  await tx.insertInto('user_names').values(names).execute()
  return true
}

/** Finds by username or e-mail address, already folded. */
export async function findUserByName(db: Db, { tenant, nameKey }: { tenant: string; nameKey: string }): Promise<User | undefined> {
  const row = await db
    .selectFrom('users')
    .innerJoin('user_names', (join) =>
      join.onRef('user_names.tenant', '=', 'users.tenant').onRef('user_names.user_id', '=', 'users.id'),
    )
    .selectAll('users')
    .where('user_names.tenant', '=', tenant)
    .where('user_names.name_key', '=', nameKey)
    .executeTakeFirst()
  return row && userOf(row)
}

export async function findUserById(db: Db, { tenant, id }: { tenant: string; id: string }): Promise<User | undefined> {
  const row = await db.selectFrom('users').selectAll().where('tenant', '=', tenant).where('id', '=', id).executeTakeFirst()
  return row && userOf(row)
}

/** Stores a stronger hash of the same password; `false` when the password was changed meanwhile. */
export async function setPasswordHash(
  db: Db,
  { tenant, id, before, after }: { tenant: string; id: string; before: string; after: string },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('users')
    .set({ password_hash: after })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('password_hash', '=', before)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

function rowOf(user: User): UserRow {
  return {
    ...user,
    email_verified: Number(user.email_verified),
    roles: JSON.stringify(user.roles),
    legal_entities: JSON.stringify(user.legal_entities),
    guest_template: Number(user.guest_template),
  }
}

function userOf(row: UserRow): User {
  return {
    ...row,
    email_verified: row.email_verified === 1,
    roles: JSON.parse(row.roles),
    legal_entities: JSON.parse(row.legal_entities),
    guest_template: row.guest_template === 1,
  }
}
