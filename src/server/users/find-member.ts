import type { Db } from '../store/store.ts'
import type { UserRow } from '../store/tables.ts'
import { findUserByMemberId, findUserByName, findUserBySsoId } from '../store/users.ts'
import { foldName } from './fold-name.ts'

/** The ways another system may know a person by. */
export type MemberNameKind = 'sso_id' | 'member_id' | 'email'

export interface MemberName {
  kind: MemberNameKind
  value: string
}

/** Finds somebody who may be signed in, by the name another system has for them. */
export async function findMember(db: Db, tenant: string, named: MemberName): Promise<UserRow | undefined> {
  // No name holds a control character, and PostgreSQL would refuse to look one up.
  if (/\p{Cc}/u.test(named.value.trim())) return undefined
  const user = await lookUp(db, tenant, named)
  return user && user.disabled_at === null && user.guest_template === 0 ? user : undefined
}

function lookUp(db: Db, tenant: string, { kind, value }: MemberName): Promise<UserRow | undefined> {
  if (kind === 'sso_id') return findUserBySsoId(db, tenant, value)
  if (kind === 'member_id') return findUserByMemberId(db, tenant, Number(value))
  return findByEmail(db, tenant, value)
}

/**
 * An address that nobody has confirmed names nobody: whoever typed it in may be waiting for its owner to come along. And a
 * username is no address, though people may sign in with either.
 */
async function findByEmail(db: Db, tenant: string, email: string): Promise<UserRow | undefined> {
  const key = foldName(email)
  const user = await findUserByName(db, tenant, key)
  const isTheirs = user?.email != null && user.email_verified === 1 && foldName(user.email) === key
  return isTheirs ? user : undefined
}
