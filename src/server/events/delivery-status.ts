import { listUndelivered } from '../store/outbox.ts'
import type { Db } from '../store/store.ts'

/** `done`: every receiver answered 2xx. `failed`: one of them refused again and again; it is still tried. */
export type DeliveryStatus = 'pending' | 'done' | 'failed'

const refusalsOfAFailure = 5

/** How far an event got. Without a receiver it is done. */
export async function deliveryStatus(db: Db, tenant: string, eventId: string): Promise<DeliveryStatus> {
  const undelivered = await listUndelivered(db, tenant, eventId)
  if (undelivered.length === 0) return 'done'
  return undelivered.some(({ refusals }) => refusals >= refusalsOfAFailure) ? 'failed' : 'pending'
}
