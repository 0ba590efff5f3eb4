import { readOneTimePassword } from '../one-time-passwords/one-time-password.ts'
import { PasswordQueueFull } from '../passwords/bounded-queue.ts'
import { deleteOneTimePassword, spendOneTimePassword } from '../store/one-time-passwords.ts'
import type { UserRow } from '../store/tables.ts'
import { setPasswordHash } from '../store/users.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { LimitReached } from '../throttles/limit-reached.ts'
import type { CountedTry } from '../throttles/sign-in-throttle.ts'
import { findByTypedName, maySignIn } from './find-person.ts'
import { foldName } from './fold-name.ts'

export interface Credentials {
  /** Username or e-mail address, as typed. */
  name: string
  /** As typed: the password, or a one-time password. */
  password: string
  /** The app the person signs in to; a one-time password is good at the one that asked for it. */
  clientId: string
  ip: string
  requestId: string
  /** The browser that asks, and whose it knows to be; programs have none. */
  browser?: KnownBrowser | undefined
}

/** A browser that people have signed in with before. */
export interface KnownBrowser {
  id: string
  userIds: readonly string[]
}

export type CredentialsVerdict =
  | { outcome: 'right'; user: UserRow; amr: [AuthenticationMethod] }
  | { outcome: 'wrong' }
  /** The password was right: only who knows it hears of it. */
  | { outcome: 'disabled' }
  | Refusal

/** Nothing was checked. `paused`: too many tries have failed. `busy`: too many are under way. */
export interface Refusal {
  outcome: 'paused' | 'busy'
  retryAfterSeconds: number
}

/** RFC 8176 section 2. */
type AuthenticationMethod = 'pwd' | 'otp'

const BUSY_RETRY_SECONDS = 5

/**
 * Checks a name and a password: the one way in for every path that takes them, with its limits and its audit. Alike in
 * what it answers, counts, writes and takes in time, whether or not somebody has the name.
 */
export async function checkCredentials(tenant: Tenant, credentials: Credentials): Promise<CredentialsVerdict> {
  try {
    return await check(tenant, credentials)
  } catch (error) {
    if (error instanceof LimitReached) return refuse(tenant, credentials, 'paused', error.retryAfterSeconds)
    if (error instanceof PasswordQueueFull) return refuse(tenant, credentials, 'busy', BUSY_RETRY_SECONDS)
    throw error
  }
}

async function check(tenant: Tenant, credentials: Credentials): Promise<CredentialsVerdict> {
  const { name, password, ip, browser } = credentials
  const user = await findByTypedName(tenant, name)
  const oneTime = readOneTimePassword(password)
  const attempt = tenant.throttle.start({
    userId: user?.id,
    nameKey: foldName(name),
    ip,
    browserId: user && browser?.userIds.includes(user.id) ? browser.id : undefined,
    isOneTime: oneTime !== undefined,
  })
  const { takesPassword } = await attempt.checkOpen(Date.now())
  const hash = takesPassword && user && !user.guest_template ? user.password_hash : null
  let usedUp: string[] = []
  // Counted when its turn has come: those that wait in line use up nothing.
  const { ok, rehash } = await tenant.services.hasher.verify(hash, password, async () => {
    usedUp = await attempt.begin(Date.now())
  })
  const isDisabled = ok && user?.disabled_at !== null
  const checked = { attempt, user, isPassword: ok, oneTime, credentials }
  const method = isDisabled ? undefined : await settle(tenant, checked)
  if (!user || method === undefined) {
    await recordFailure(tenant, credentials, user?.id, usedUp)
    return { outcome: isDisabled ? 'disabled' : 'wrong' }
  }
  if (hash !== null && rehash) await strengthenHash(tenant, user, hash, password)
  return { outcome: 'right', user, amr: [method] }
}

interface Checked {
  attempt: CountedTry
  user: UserRow | undefined
  isPassword: boolean
  oneTime: string | undefined
  credentials: Credentials
}

/** How the person proved who they are, if they did; then what they failed before is forgotten. */
async function settle(
  tenant: Tenant,
  { attempt, user, isPassword, oneTime, credentials }: Checked,
): Promise<AuthenticationMethod | undefined> {
  if (!isPassword && oneTime === undefined) return undefined
  const now = Date.now()
  // Somebody whom nobody is: asked about like everybody else.
  const who = { tenant: tenant.id, userId: user && maySignIn(user) ? user.id : '' }
  return tenant.services.store.transaction(async (tx) => {
    const use = { ...who, clientId: credentials.clientId, password: oneTime ?? '' }
    if (!isPassword && !(await spendOneTimePassword(tx, use, now))) return undefined
    await attempt.succeed(tx, now)
    await deleteOneTimePassword(tx, who)
    return isPassword ? 'pwd' : 'otp'
  })
}

/** A row for each failure, which the limits keep few, and one more for each limit that is used up. */
async function recordFailure(
  { id: tenant, services: { audit } }: Tenant,
  { clientId, ip, requestId }: Credentials,
  userId: string | undefined,
  usedUp: string[],
): Promise<void> {
  const entry = { tenant, userId, clientId, ip, requestId }
  await audit.record({ ...entry, event: 'sign-in.failed' }, Date.now())
  for (const limit of usedUp) await audit.record({ ...entry, event: 'sign-in.paused', detail: { limit } }, Date.now())
}

/** Told and not kept: it costs nobody anything to be refused by the thousand. */
function refuse(
  { id: tenant, services: { audit } }: Tenant,
  { clientId, ip, requestId }: Credentials,
  outcome: Refusal['outcome'],
  retryAfterSeconds: number,
): Refusal {
  audit.tell(
    { tenant, clientId, ip, requestId, event: 'sign-in.refused', detail: { reason: outcome, retryAfterSeconds } },
    Date.now(),
  )
  return { outcome, retryAfterSeconds }
}

async function strengthenHash(
  { services: { store, hasher } }: Tenant,
  user: UserRow,
  before: string,
  password: string,
) {
  try {
    const after = await hasher.hash(password)
    await setPasswordHash(store.db, { tenant: user.tenant, id: user.id, before, after })
  } catch (error) {
    // The password was right; the better hash can wait for a quieter sign-in.
    if (!(error instanceof PasswordQueueFull)) throw error
  }
}
