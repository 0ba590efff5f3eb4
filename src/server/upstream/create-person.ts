import { randomUUID } from 'node:crypto'
import { findUserByIdentity } from '../store/identities.ts'
import type { Db } from '../store/store.ts'
import type { UserRow } from '../store/tables.ts'
import { findUserByName, findUserBySsoId, insertUser } from '../store/users.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { foldName } from '../users/fold-name.ts'
import { linkIdentity, type SignInOrigin } from './link-identity.ts'
import type { Profile } from './profile.ts'
import { UpstreamRefused } from './refused.ts'
import type { UpstreamSignIn } from './upstream-sign-in.ts'

interface NewPerson {
  signIn: UpstreamSignIn
  profile: Profile
  origin: SignInOrigin
}

/**
 * Makes an account of what a provider says, together with the identity that leads to it. Two tabs that come back at once
 * end with the same one.
 * @throws {UpstreamRefused} when somebody took the e-mail address meanwhile
 */
export function createPerson(tenant: Tenant, { signIn, profile, origin }: NewPerson): Promise<UserRow> {
  const { store, audit } = tenant.services
  const { upstream, issuer, subject } = signIn
  return store.exclusive(`users of ${tenant.id}`, async (tx) => {
    const other = await findUserByIdentity(tx, { tenant: tenant.id, issuer, subject })
    if (other) return other
    const user = await newUser(tx, tenant, signIn, profile)
    const names = [user.username, ...(user.email === null ? [] : [user.email])].map(foldName)
    if (!(await insertUser(tx, user, names))) {
      throw new UpstreamRefused('upstream-account-exists', 'the e-mail address was taken meanwhile')
    }
    const detail = { provider: upstream.name }
    await audit.record(
      { tenant: tenant.id, event: 'user.created', userId: user.id, ...origin, detail },
      user.created_at,
      tx,
    )
    const identity = { provider: upstream.name, issuer, subject, userId: user.id }
    await linkIdentity(tenant, identity, { ...origin, how: 'provision' })
    return user
  })
}

/** The id under which the operator and other systems name somebody who comes from a provider. */
export function ssoIdOf({ upstream, subject }: UpstreamSignIn): string {
  return `${upstream.name}|${subject}`
}

async function newUser(tx: Db, tenant: Tenant, signIn: UpstreamSignIn, profile: Profile): Promise<UserRow> {
  const ssoId = ssoIdOf(signIn)
  const isTaken = await findUserBySsoId(tx, tenant.id, ssoId)
  return {
    tenant: tenant.id,
    id: randomUUID(),
    username: await freeUsername(tx, tenant, ssoId, profile),
    // An address that may be somebody else's is neither theirs to sign in with nor shown to apps as theirs.
    email: profile.isEmailVerified ? (profile.email ?? null) : null,
    email_verified: Number(profile.isEmailVerified),
    name: profile.name ?? null,
    password_hash: null,
    roles: JSON.stringify(signIn.upstream.roles),
    member_id: null,
    sso_id: isTaken ? null : ssoId,
    legal_entities: '[]',
    guest_template: 0,
    disabled_at: null,
    created_at: Date.now(),
  }
}

/** The name they have at the provider if nobody has it here, else their address, else what is theirs for certain. */
async function freeUsername(tx: Db, tenant: Tenant, ssoId: string, profile: Profile): Promise<string> {
  const email = profile.isEmailVerified ? profile.email : undefined
  // What looks like an address could be somebody's who hasn't come yet.
  const username = profile.username?.includes('@') ? undefined : profile.username
  for (const name of [username, email, ssoId]) {
    if (name !== undefined && !(await findUserByName(tx, tenant.id, foldName(name)))) return name
  }
  return randomUUID()
}
