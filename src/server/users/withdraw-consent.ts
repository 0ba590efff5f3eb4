import type { Audit } from '../audit/audit.ts'
import { withdrawConsent } from '../store/consents.ts'
import { type EndedFamily, endFamiliesByUser } from '../store/families.ts'
import type { Store } from '../store/store.ts'

interface Withdrawal {
  tenant: string
  userId: string
  clientId: string
  /** Where it was asked from, for the audit. */
  ip?: string
  requestId?: string
}

/**
 * Takes back what a person allowed an app, and ends their logins there: all of it, or nothing. Also without a consent on
 * record, so that a person can end an app that was never asked about.
 */
export function withdrawClientConsent(
  { store, audit }: { store: Store; audit: Audit },
  withdrawal: Withdrawal,
  now: number,
): Promise<EndedFamily[]> {
  const { tenant, userId, clientId } = withdrawal
  return store.transaction(async (tx) => {
    // The consent first: a code redeemed meanwhile holds its row, so its login is there when the logins end.
    await withdrawConsent(tx, { tenant, userId, clientId })
    const ended = await endFamiliesByUser(tx, { tenant, userId, clientId, reason: 'consent-withdrawn' }, now)
    await audit.record({ event: 'consent.withdrawn', ...withdrawal, detail: { logins: ended.length } }, now, tx)
    return ended
  })
}
