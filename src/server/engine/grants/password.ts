import { randomUUID } from 'node:crypto'
import { countUse } from '../../store/old-flow-uses.ts'
import { checkCredentials } from '../../users/check-credentials.ts'
import { decideRoles } from '../roles.ts'
import { askedScope } from './asked-scope.ts'
import { type GrantAnswer, type GrantRequest, requireParam } from './grant-request.ts'
import { guestShown } from './guest-shown.ts'
import { personHolder } from './holder.ts'
import { SignInRefused } from './sign-in-refused.ts'
import { startLogin } from './start-login.ts'
import { checkPersonEnabled } from './still-allowed.ts'

/**
 * Signs a person in by the password they gave the app (RFC 6749 section 4.3): for old apps that were given the grant, and
 * counted (RFC 9700 section 2.4). The login has no portal session.
 */
export async function passwordGrant(request: GrantRequest): Promise<GrantAnswer> {
  const { tenant, client, origin } = request
  const scope = askedScope(request)
  const guest = await guestShown(request)
  const { user, amr } = await signIn(request)
  return startLogin(request, {
    familyId: randomUUID(),
    holder: personHolder(user),
    scope,
    // After the password: which roles a person holds is told to nobody else.
    roles: decideRoles(tenant, client, user, new Set(scope.split(' '))),
    authentication: { authTime: Math.floor(Date.now() / 1000), amr },
    guest,
    async settle(tx, now) {
      const who = { tenant: tenant.id, clientId: client.client_id }
      const entry = { ...who, event: 'sign-in.succeeded', userId: user.id, detail: { flow: 'password' } } as const
      await checkPersonEnabled(tx, tenant, user.id)
      await countUse(tx, { ...who, flow: 'password' }, now)
      await tenant.services.audit.record({ ...entry, ...origin }, now, tx)
    },
  })
}

/** @throws {SignInRefused} */
async function signIn(request: GrantRequest) {
  const { tenant, client, origin } = request
  const name = requireParam(request, 'username')
  const password = requireParam(request, 'password')
  const verdict = await checkCredentials(tenant, { name, password, clientId: client.client_id, ...origin })
  switch (verdict.outcome) {
    case 'right':
      return verdict
    case 'wrong':
      throw new SignInRefused('credentials-wrong')
    case 'disabled':
      throw new SignInRefused('account-disabled')
    case 'paused':
      throw new SignInRefused('locked-out', verdict.retryAfterSeconds)
    case 'busy':
      throw new SignInRefused('busy', verdict.retryAfterSeconds)
  }
}
