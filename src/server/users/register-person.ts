import { randomUUID } from 'node:crypto'
import { insertUser } from '../store/users.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { foldName } from './fold-name.ts'

/** What somebody says about themselves who wants an account. */
export interface Registration {
  /** Not verified; what they sign in with. */
  email: string
  password: string
  name?: string | undefined
  /** Of whoever registers. */
  roles: readonly string[]
  clientId: string
  origin: { ip: string; requestId: string }
}

/**
 * Makes an account. Answers with its id, or nothing when the address is somebody's already.
 * @throws PasswordQueueFull
 */
export async function registerPerson(tenant: Tenant, registration: Registration): Promise<string | undefined> {
  const { store, hasher, audit } = tenant.services
  const { email, password, name = null, roles, clientId, origin } = registration
  // Before the transaction, which must not wait for it; also where the address is taken, so that time tells nothing.
  const password_hash = await hasher.hash(password)
  const now = Date.now()
  const id = randomUUID()
  return store.exclusive(`users of ${tenant.id}`, async (tx) => {
    const user = {
      tenant: tenant.id,
      id,
      username: email,
      email,
      email_verified: 0,
      name,
      password_hash,
      roles: JSON.stringify(roles),
      member_id: null,
      sso_id: null,
      legal_entities: '[]',
      guest_template: 0,
      disabled_at: null,
      created_at: now,
    }
    if (!(await insertUser(tx, user, [foldName(email)]))) return undefined
    const entry = { tenant: tenant.id, event: 'user.created', userId: id, clientId } as const
    await audit.record({ ...entry, ip: origin.ip, requestId: origin.requestId }, now, tx)
    return id
  })
}
