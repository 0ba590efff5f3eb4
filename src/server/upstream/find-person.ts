import { findUserByIdentity, hasIdentity } from '../store/identities.ts'
import type { UserRow } from '../store/tables.ts'
import { findUserByName, findUserBySsoId } from '../store/users.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { foldName } from '../users/fold-name.ts'
import { createPerson, ssoIdOf } from './create-person.ts'
import { linkIdentity, type SignInOrigin } from './link-identity.ts'
import type { Profile } from './profile.ts'
import { UpstreamRefused } from './refused.ts'
import type { UpstreamSignIn } from './upstream-sign-in.ts'

/** An account that may be this person's: they have to sign in to it before anything is connected. */
export interface Connection {
  /** Name of the provider. */
  provider: string
  issuer: string
  subject: string
  email: string
}

/** Who has signed in, or whose account they first have to prove is theirs. */
export type FoundPerson = { user: UserRow } | { connect: Connection }

/**
 * Finds the person behind a provider's subject; an e-mail address never decides who that is.
 * @throws {UpstreamRefused} when there is nobody, or nobody who may sign in
 */
export async function findPerson(tenant: Tenant, signIn: UpstreamSignIn, origin: SignInOrigin): Promise<FoundPerson> {
  const known = (await findKnown(tenant, signIn)) ?? (await findAnnounced(tenant, signIn, origin))
  if (known) return { user: usable(known) }
  const profile = await signIn.profile()
  const owner = profile.email === undefined ? undefined : await findOwner(tenant, profile.email)
  // Another tab of theirs may have got here first and made the account.
  const meanwhile = owner && (await findKnown(tenant, signIn))
  if (meanwhile) return { user: usable(meanwhile) }
  checkVerified(signIn, profile, owner)
  if (owner && profile.email !== undefined) return { connect: connectionTo(owner, signIn, profile.email) }
  if (!signIn.upstream.provision) throw new UpstreamRefused('upstream-no-account', 'nobody has this subject')
  return { user: usable(await createPerson(tenant, { signIn, profile, origin })) }
}

function findKnown(tenant: Tenant, { issuer, subject }: UpstreamSignIn): Promise<UserRow | undefined> {
  return findUserByIdentity(tenant.services.store.db, { tenant: tenant.id, issuer, subject })
}

/**
 * Somebody the operator has named by `sso_id` before they ever came. Only as long as they have no identity: should the
 * provider's name be given to another issuer one day, its subjects are other people.
 */
async function findAnnounced(
  tenant: Tenant,
  signIn: UpstreamSignIn,
  origin: SignInOrigin,
): Promise<UserRow | undefined> {
  const { db } = tenant.services.store
  const user = await findUserBySsoId(db, tenant.id, ssoIdOf(signIn))
  if (!user || (await hasIdentity(db, { tenant: tenant.id, userId: user.id }))) return undefined
  usable(user)
  const { upstream, issuer, subject } = signIn
  const identity = { provider: upstream.name, issuer, subject, userId: user.id }
  return (await linkIdentity(tenant, identity, { ...origin, how: 'sso_id' })) ? user : findKnown(tenant, signIn)
}

function usable(user: UserRow): UserRow {
  if (user.disabled_at === null && user.guest_template === 0) return user
  throw new UpstreamRefused('upstream-account-disabled', 'the account is disabled')
}

function findOwner({ id, services }: Tenant, email: string): Promise<UserRow | undefined> {
  return findUserByName(services.store.db, id, foldName(email))
}

function checkVerified({ upstream }: UpstreamSignIn, { isEmailVerified }: Profile, owner: UserRow | undefined): void {
  if (isEmailVerified || !(owner || upstream.require_verified_email)) return
  throw new UpstreamRefused('upstream-email-unverified', 'the provider has not verified the e-mail address')
}

/** @throws {UpstreamRefused} unless the operator wants accounts matched and both sides have verified the address */
function connectionTo(owner: UserRow, { upstream, issuer, subject }: UpstreamSignIn, email: string): Connection {
  if (upstream.match !== 'email' || !ownsEmail(owner, email)) {
    throw new UpstreamRefused('upstream-account-exists', 'the e-mail address is another account’s name')
  }
  return { provider: upstream.name, issuer, subject, email }
}

/** Whether this address is verified as theirs here, too; as a mere username it proves nothing. */
export function ownsEmail(user: UserRow, email: string): boolean {
  const isTheirs = user.email !== null && foldName(user.email) === foldName(email)
  return isTheirs && user.email_verified === 1 && user.disabled_at === null && user.guest_template === 0
}
