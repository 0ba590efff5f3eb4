import { prepareQuery } from './prepared-query.ts'
import type { Db } from './store.ts'
import type { UserRow } from './tables.ts'

/**
 * Adds a person under every name they sign in with (folded by the caller). `false`, and nothing is written, when one of
 * the names, or the `sso_id`, is taken.
 */
export async function insertUser(tx: Db, user: UserRow, nameKeys: string[]): Promise<boolean> {
  const { tenant } = user
  const taken = await tx
    .selectFrom('user_names')
    .select('name_key')
    .where('tenant', '=', tenant)
    .where('name_key', 'in', nameKeys)
    .executeTakeFirst()
  if (taken || (user.sso_id !== null && (await findUserBySsoId(tx, tenant, user.sso_id)))) return false
  await tx.insertInto('users').values(user).execute()
  const names = [...new Set(nameKeys)].map((name_key) => ({ tenant, name_key, user_id: user.id }))
  await tx.insertInto('user_names').values(names).execute()
  return true
}

/** Finds by username or e-mail address, already folded. */
export async function findUserByName(db: Db, tenant: string, nameKey: string): Promise<UserRow | undefined> {
  const { rows } = await byName(db, { tenant, nameKey })
  return rows[0]
}

const byName = prepareQuery<{ tenant: string; nameKey: string }, UserRow>((db, value) =>
  db
    .selectFrom('users')
    .innerJoin('user_names', (join) =>
      join.onRef('user_names.tenant', '=', 'users.tenant').onRef('user_names.user_id', '=', 'users.id'),
    )
    .selectAll('users')
    .where('user_names.tenant', '=', value('tenant'))
    .where('user_names.name_key', '=', value('nameKey')),
)

export async function findUserById(db: Db, tenant: string, id: string): Promise<UserRow | undefined> {
  const { rows } = await byId(db, { tenant, id })
  return rows[0]
}

const byId = prepareQuery<{ tenant: string; id: string }, UserRow>((db, value) =>
  db.selectFrom('users').selectAll().where('tenant', '=', value('tenant')).where('id', '=', value('id')),
)

/** Finds by the id a provider or another system knows somebody by. */
export async function findUserBySsoId(db: Db, tenant: string, ssoId: string): Promise<UserRow | undefined> {
  const { rows } = await bySsoId(db, { tenant, ssoId })
  return rows[0]
}

const bySsoId = prepareQuery<{ tenant: string; ssoId: string }, UserRow>((db, value) =>
  db.selectFrom('users').selectAll().where('tenant', '=', value('tenant')).where('sso_id', '=', value('ssoId')),
)

export async function findUserByMemberId(db: Db, tenant: string, memberId: number): Promise<UserRow | undefined> {
  const { rows } = await byMemberId(db, { tenant, memberId })
  return rows[0]
}

const byMemberId = prepareQuery<{ tenant: string; memberId: number }, UserRow>((db, value) =>
  db.selectFrom('users').selectAll().where('tenant', '=', value('tenant')).where('member_id', '=', value('memberId')),
)

/** Shuts a person out; `false` when there is nobody left to shut out. */
export async function disableUser(
  db: Db,
  { tenant, id }: { tenant: string; id: string },
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('users')
    .set({ disabled_at: now })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Whether somebody is there and not disabled, and keeps it so until the running transaction ends. */
export async function lockEnabledUser(tx: Db, { tenant, id }: { tenant: string; id: string }): Promise<boolean> {
  const row = await tx
    .selectFrom('users')
    .select('id')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .forShare()
    .executeTakeFirst()
  return row !== undefined
}

export interface PasswordHashChange {
  tenant: string
  id: string
  before: string
  after: string
}

/** Stores a stronger hash of the same password; `false` when the password was changed meanwhile. */
export async function setPasswordHash(db: Db, { tenant, id, before, after }: PasswordHashChange): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('users')
    .set({ password_hash: after })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('password_hash', '=', before)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
