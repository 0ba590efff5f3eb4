import { insertIdentity } from '../store/identities.ts'
import type { Tenant } from '../tenant/tenant.ts'

/** Where a sign-in came from, for the audit. */
export interface SignInOrigin {
  clientId: string
  ip: string
  requestId: string
}

interface NewIdentity {
  /** Name of the provider. */
  provider: string
  issuer: string
  subject: string
  userId: string
}

/** How it was made sure that the account is this person's. */
type LinkedBy = 'sso_id' | 'sign-in' | 'provision'

/** Gives a provider's subject to a person and writes it down; `false` when it is somebody's already. */
export function linkIdentity(
  tenant: Tenant,
  { provider, issuer, subject, userId }: NewIdentity,
  { how, ...origin }: SignInOrigin & { how: LinkedBy },
): Promise<boolean> {
  const { store, audit } = tenant.services
  const now = Date.now()
  return store.transaction(async (tx) => {
    const row = { tenant: tenant.id, issuer, subject, user_id: userId, linked_at: now }
    if (!(await insertIdentity(tx, row))) return false
    const detail = { provider, subject, how }
    await audit.record({ tenant: tenant.id, event: 'identity.linked', userId, ...origin, detail }, now, tx)
    return true
  })
}
