import { randomUUID } from 'node:crypto'
import { createSealer } from '../keys/sealing.ts'
import { insertOutboxRows } from '../store/outbox.ts'
import type { Db } from '../store/store.ts'
import type { Tenant } from '../tenant/tenant.ts'

/** Whom to mail a one-time password for one app, in the words of whoever asked. */
export interface MailRequest {
  clientId: string
  username?: string | undefined
  email?: string | undefined
  /** Who asked, for the audit. */
  ip: string
  requestId: string
}

/** Names the queue of a tenant's mail in the outbox. */
export const MAIL = 'mail'

/** Requests on their way through the outbox, sealed: people type passwords where names belong. */
export function mailRequests({ id: tenant, services: { secrets } }: Tenant) {
  const sealer = createSealer(secrets, 'one-time password request')
  return {
    enqueue(tx: Db, request: MailRequest, now: number): Promise<void> {
      const body = sealer.seal(JSON.stringify(request), tenant)
      const row = { id: randomUUID(), tenant, receiver: MAIL, type: 'one-time-password.asked', body }
      return insertOutboxRows(tx, [{ ...row, event_id: `mail_${row.id}` }], now)
    },
    /** Nothing when no secret opens it any more. */
    open(body: string): MailRequest | undefined {
      const plain = sealer.open(body, tenant)
      return plain ? (JSON.parse(Buffer.from(plain).toString()) as MailRequest) : undefined
    },
  }
}
