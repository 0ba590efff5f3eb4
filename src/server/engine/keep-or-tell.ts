import type { AuditEntry } from '../audit/audit.ts'
import type { Tenant } from '../tenant/tenant.ts'

/**
 * Answers that belong to every silent sign-in and every first proof, where nobody was refused anything; and the one of a
 * limit, which keeps what led to it.
 */
const EVERYDAY = ['login_required', 'consent_required', 'interaction_required', 'use_dpop_nonce', 'slow_down']

/**
 * Keeps an entry that concerns a client of ours, and tells the log alone of what strangers ask for and what happens by
 * the thousand: neither may fill the table.
 */
export async function keepOrTell({ id, services: { audit, log } }: Tenant, entry: AuditEntry): Promise<void> {
  const told = { ...entry, tenant: id }
  if (!isKept(entry)) return audit.tell(told, Date.now())
  try {
    await (entry.event.endsWith('.refused') ? audit.recordFew(told, Date.now()) : audit.record(told, Date.now()))
  } catch (error) {
    // The answer stands whether or not it could be written down.
    audit.tell(told, Date.now())
    log.warn({ err: error }, 'an audit entry was not kept')
  }
}

/** A guest leaves no row, and not one for a refusal either. */
function isKept({ event, clientId, detail }: AuditEntry): boolean {
  if (event === 'guest.refused' || EVERYDAY.includes(String(detail?.error))) return false
  return clientId !== undefined || event === 'sign-out' || event === 'session.ended'
}
