import { PasswordQueueFull } from '../passwords/bounded-queue.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import type { Store } from '../store/store.ts'
import type { UserRow } from '../store/tables.ts'
import { findUserByName, setPasswordHash } from '../store/users.ts'
import { foldName } from './fold-name.ts'

export interface Credentials {
  store: Store
  hasher: PasswordHasher
  tenant: string
  /** Username or e-mail address, as typed. */
  name: string
  /** As typed. */
  password: string
}

export type CredentialsVerdict =
  | { ok: true; user: UserRow }
  /** `userId` is for the audit alone: an answer must not show whether somebody has this name. */
  | { ok: false; userId: string | undefined }

/**
 * Checks a name and a password, alike in time whether or not somebody has the name.
 * @throws PasswordQueueFull
 */
export async function verifyCredentials({
  store,
  hasher,
  tenant,
  name,
  password,
}: Credentials): Promise<CredentialsVerdict> {
  const user = await findByTypedName(store, tenant, name)
  const hash = user && maySignIn(user) ? user.password_hash : null
  const { ok, rehash } = await hasher.verify(hash, password)
  if (!user || hash === null || !ok) return { ok: false, userId: user?.id }
  if (rehash) await strengthenHash(store, hasher, user, hash, password)
  return { ok: true, user }
}

async function strengthenHash(store: Store, hasher: PasswordHasher, user: UserRow, before: string, password: string) {
  try {
    const after = await hasher.hash(password)
    await setPasswordHash(store.db, { tenant: user.tenant, id: user.id, before, after })
  } catch (error) {
    // The password was right; the better hash can wait for a quieter sign-in.
    if (!(error instanceof PasswordQueueFull)) throw error
  }
}

function findByTypedName(store: Store, tenant: string, name: string): Promise<UserRow | undefined> {
  // No name holds a control character, and PostgreSQL would refuse to look one up.
  return /\p{Cc}/u.test(name.trim()) ? Promise.resolve(undefined) : findUserByName(store.db, tenant, foldName(name))
}

function maySignIn(user: UserRow): boolean {
  return user.disabled_at === null && user.guest_template === 0
}
