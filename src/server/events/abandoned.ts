import { listWaitingReceivers } from '../store/outbox.ts'
import type { Db } from '../store/store.ts'
import type { DeliveryLog } from './delivery-log.ts'
import { receiverForLog, receiverKey } from './receivers.ts'

/** Tells whose events go nowhere. They are kept: a receiver may be missing from the configuration by mistake. */
export async function tellAbandoned(db: Db, configured: ReadonlyMap<string, unknown>, log: DeliveryLog): Promise<void> {
  for (const waiting of await listWaitingReceivers(db)) {
    if (configured.has(receiverKey(waiting))) continue
    const event = { tenant: waiting.tenant, receiver: receiverForLog(waiting.receiver) }
    log.warn({ event }, 'events wait for a receiver that is not configured any more')
  }
}
