import { randomUUID } from 'node:crypto'
import type { UserConfig } from '../config/schema.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import type { Db, Store } from '../store/store.ts'
import type { UserRow } from '../store/tables.ts'
import { findUserByName, findUserBySsoId, insertUser } from '../store/users.ts'
import { foldName } from './fold-name.ts'

/**
 * Creates the people of the configuration who don't exist yet; those who do are left alone, whatever the file says.
 * Answers how many were created.
 */
export async function createConfiguredUsers(
  store: Store,
  hasher: Pick<PasswordHasher, 'hash'>,
  tenant: string,
  users: readonly UserConfig[],
  now: number,
): Promise<number> {
  let created = 0
  // One after the other: a long list would overrun the queue for password hashes.
  for (const user of users) {
    if (await createIfAbsent(store, hasher, tenant, user, now)) created++
  }
  return created
}

async function createIfAbsent(
  store: Store,
  hasher: Pick<PasswordHasher, 'hash'>,
  tenant: string,
  user: UserConfig,
  now: number,
): Promise<boolean> {
  const names = [user.username, ...(user.email === undefined ? [] : [user.email])].map(foldName)
  if (await isKnown(store.db, tenant, names, user.sso_id)) return false
  const row = rowOf(tenant, user, await passwordHashOf(user, hasher), now)
  // Another node may be creating the same person at this moment.
  return store.exclusive(`users of ${tenant}`, (tx) => insertUser(tx, row, names))
}

/** Also whoever has come through a provider before the operator wrote them down. */
async function isKnown(db: Db, tenant: string, names: string[], ssoId: string | undefined): Promise<boolean> {
  if (ssoId !== undefined && (await findUserBySsoId(db, tenant, ssoId))) return true
  for (const name of names) {
    if (await findUserByName(db, tenant, name)) return true
  }
  return false
}

async function passwordHashOf(user: UserConfig, hasher: Pick<PasswordHasher, 'hash'>): Promise<string | null> {
  if (user.password !== undefined) return hasher.hash(user.password)
  return user.password_hash ?? null
}

function rowOf(tenant: string, user: UserConfig, password_hash: string | null, now: number): UserRow {
  return {
    tenant,
    id: randomUUID(),
    username: user.username,
    email: user.email ?? null,
    email_verified: Number(user.email_verified),
    name: user.name ?? null,
    password_hash,
    roles: JSON.stringify(user.roles),
    member_id: user.member_id ?? null,
    sso_id: user.sso_id ?? null,
    legal_entities: JSON.stringify(user.legal_entities),
    guest_template: Number(user.guest_template),
    disabled_at: null,
    created_at: now,
  }
}
