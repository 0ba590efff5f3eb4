import { randomUUID } from 'node:crypto'
import { PasswordQueueFull } from '../../passwords/bounded-queue.ts'
import { countUse } from '../../store/old-flow-uses.ts'
import type { Db } from '../../store/store.ts'
import type { UserRow } from '../../store/tables.ts'
import { verifyCredentials } from '../../users/verify-credentials.ts'
import { decideRoles } from '../roles.ts'
import { askedScope } from './asked-scope.ts'
import { type GrantAnswer, type GrantRequest, requireParam } from './grant-request.ts'
import { guestShown } from './guest-shown.ts'
import { personHolder } from './holder.ts'
import { SignInRefused } from './sign-in-refused.ts'
import { startLogin } from './start-login.ts'
import { checkPersonEnabled } from './still-allowed.ts'

const BUSY_RETRY_SECONDS = 5

/**
 * Signs a person in by the password they gave the app (RFC 6749 section 4.3): for old apps that were given the grant, and
 * counted (RFC 9700 section 2.4). The login has no portal session.
 */
export async function passwordGrant(request: GrantRequest): Promise<GrantAnswer> {
  const typed = { name: requireParam(request, 'username'), password: requireParam(request, 'password') }
  const scope = askedScope(request)
  const guest = await guestShown(request)
  const user = await checkPassword(request, typed)
  // After the password: which roles a person holds is told to nobody else.
  const roles = decideRoles(request.tenant, request.client, user, new Set(scope.split(' ')))
  return startLogin(request, {
    familyId: randomUUID(),
    holder: personHolder(user),
    scope,
    roles,
    authentication: { authTime: Math.floor(Date.now() / 1000), amr: ['pwd'] },
    guest,
    async settle(tx, now) {
      await checkPersonEnabled(tx, request.tenant, user.id)
      await countUse(tx, { tenant: request.tenant.id, clientId: request.client.client_id, flow: 'password' }, now)
      await audit(request, 'sign-in.succeeded', user.id, now, tx)
    },
  })
}

/** @throws {SignInRefused} */
async function checkPassword(request: GrantRequest, typed: { name: string; password: string }): Promise<UserRow> {
  const { tenant } = request
  const { store, hasher } = tenant.services
  try {
    const verdict = await verifyCredentials({ store, hasher, tenant: tenant.id, ...typed })
    if (verdict.ok) return verdict.user
    await audit(request, 'sign-in.failed', verdict.userId, Date.now())
    throw new SignInRefused('credentials-wrong')
  } catch (error) {
    if (!(error instanceof PasswordQueueFull)) throw error
    throw new SignInRefused('busy', BUSY_RETRY_SECONDS)
  }
}

function audit(
  { tenant, client, origin }: GrantRequest,
  event: 'sign-in.succeeded' | 'sign-in.failed',
  userId: string | undefined,
  now: number,
  db?: Db,
): Promise<void> {
  const detail = { flow: 'password' }
  const entry = { tenant: tenant.id, event, userId, clientId: client.client_id, detail, ...origin }
  return tenant.services.audit.record(entry, now, db)
}
