import { lockConsent } from '../../store/consents.ts'
import { lockRecordByUid } from '../../store/engine-records.ts'
import type { Db } from '../../store/store.ts'
import { lockEnabledUser } from '../../store/users.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import { scopesToConsent } from '../consent.ts'
import { errors } from '../engine-errors.ts'
import type { GrantRequest } from './grant-request.ts'

/** What a code says about the sign-in it came from. */
interface CodeOrigin {
  accountId?: string | undefined
  sessionUid?: string | undefined
  scope?: string | undefined
}

/**
 * A code outlives neither the sign-out of its session, nor the account's end, nor a withdrawn consent; nor a race with one
 * of them: what was looked at stays as it is until the login has started, and whoever ends it afterwards finds that login.
 */
export async function checkStillAllowed(tx: Db, request: GrantRequest, code: CodeOrigin): Promise<void> {
  await checkSessionLives(tx, request, code)
  await checkPersonEnabled(tx, request.tenant, code.accountId ?? '')
  if (request.client.consent !== 'skip') await checkConsentStands(tx, request, code)
}

async function checkSessionLives(tx: Db, { tenant }: GrantRequest, { sessionUid: uid = '' }: CodeOrigin) {
  const lives = await lockRecordByUid(tx, { tenant: tenant.id, model: 'Session', uid })
  if (!lives) throw new errors.InvalidGrant('the session this code was made in has ended')
}

/** Also where no code was made: between the look at a person and their login's start somebody may disable them. */
export async function checkPersonEnabled(tx: Db, tenant: Tenant, id: string): Promise<void> {
  const isEnabled = await lockEnabledUser(tx, { tenant: tenant.id, id })
  if (!isEnabled) throw new errors.InvalidGrant('the account this belongs to can no longer be used')
}

async function checkConsentStands(
  tx: Db,
  { tenant, client }: GrantRequest,
  { accountId: userId = '', scope = '' }: CodeOrigin,
) {
  const consent = await lockConsent(tx, { tenant: tenant.id, userId, clientId: client.client_id })
  const missing = scopesToConsent(tenant, new Set(scope.split(' '))).filter((value) => !consent?.scope.includes(value))
  if (missing.length > 0) throw new errors.InvalidGrant('the consent this code relied on was withdrawn')
}
