import type { UserRow } from '../store/tables.ts'
import { findUserByName } from '../store/users.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { foldName } from './fold-name.ts'

/** Whoever has this username or e-mail address, however it was typed. */
export function findByTypedName({ id, services: { store } }: Tenant, name: string): Promise<UserRow | undefined> {
  // No name holds a control character, and PostgreSQL would refuse to look one up.
  return /\p{Cc}/u.test(name.trim()) ? Promise.resolve(undefined) : findUserByName(store.db, id, foldName(name))
}

/** Not for the disabled, nor for who only lends guests their roles. */
export function maySignIn(user: UserRow): boolean {
  return user.disabled_at === null && user.guest_template === 0
}
