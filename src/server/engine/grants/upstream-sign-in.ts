import { randomUUID } from 'node:crypto'
import type { GuestOfRequest } from '../../guests/shown-guest.ts'
import type { UserRow } from '../../store/tables.ts'
import { findPerson } from '../../upstream/find-person.ts'
import { UpstreamRefused } from '../../upstream/refused.ts'
import type { UpstreamSignIn } from '../../upstream/upstream-sign-in.ts'
import { decideRoles } from '../roles.ts'
import type { GrantAnswer, GrantRequest } from './grant-request.ts'
import { personHolder } from './holder.ts'
import { startLogin } from './start-login.ts'
import { checkPersonEnabled } from './still-allowed.ts'
import { UpstreamSignInRefused } from './upstream-sign-in-refused.ts'

/** A provider that somebody is to come from, and what they are to get. */
interface UpstreamLogin<SignIn extends UpstreamSignIn> {
  /** Name of the provider. */
  provider: string
  /** Which of our grants this is, for the audit. */
  flow: 'upstream' | 'token-exchange'
  /** Space-separated, as asked. */
  scope: string
  guest: GuestOfRequest | 'none' | undefined
  /** Asks the provider. @throws {UpstreamRefused} */
  signIn(): Promise<SignIn>
}

/** Signs in whoever a provider vouches for. Answers with their tokens, and with what the provider said. */
export async function signInThrough<SignIn extends UpstreamSignIn>(
  request: GrantRequest,
  { provider, flow, scope, guest, signIn }: UpstreamLogin<SignIn>,
): Promise<{ answer: GrantAnswer; signedIn: SignIn }> {
  const { tenant, client, origin } = request
  const { signedIn, user } = await findWho(request, provider, signIn)
  const answer = await startLogin(request, {
    familyId: randomUUID(),
    holder: personHolder(user),
    scope,
    roles: decideRoles(tenant, client, user, new Set(scope.split(' '))),
    authentication: { authTime: Math.floor(Date.now() / 1000), amr: ['ext'] },
    guest,
    async settle(tx, now) {
      const what = { event: 'sign-in.succeeded', userId: user.id, detail: { flow, provider } } as const
      await checkPersonEnabled(tx, tenant, user.id)
      const entry = { tenant: tenant.id, clientId: client.client_id, ...what, ...origin }
      await tenant.services.audit.record(entry, now, tx)
    },
  })
  return { answer, signedIn }
}

/** @throws {UpstreamSignInRefused} */
async function findWho<SignIn extends UpstreamSignIn>(
  request: GrantRequest,
  provider: string,
  signIn: () => Promise<SignIn>,
): Promise<{ signedIn: SignIn; user: UserRow }> {
  const { tenant, client, origin } = request
  const where = { clientId: client.client_id, ip: origin.ip, requestId: origin.requestId }
  try {
    const signedIn = await signIn()
    const found = await findPerson(tenant, signedIn, where)
    // Connecting takes a sign-in to that account, and only the portal can ask for one.
    if ('connect' in found) throw new UpstreamRefused('upstream-account-exists', 'an account has the same address')
    return { signedIn, user: found.user }
  } catch (error) {
    if (!(error instanceof UpstreamRefused)) throw error
    const detail = { provider, error: error.code, reason: error.message }
    await tenant.services.audit.record({ tenant: tenant.id, event: 'upstream.refused', ...where, detail }, Date.now())
    throw new UpstreamSignInRefused(error.code)
  }
}
