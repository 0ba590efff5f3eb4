import { randomUUID } from 'node:crypto'
import { insertOutboxRows } from '../store/outbox.ts'
import type { Db } from '../store/store.ts'
import type { EventData, EventTenant, EventType } from './event.ts'

export interface NewEvent<Type extends EventType> {
  tenant: EventTenant
  type: Type
  data: EventData[Type]
}

/** Queues an event for every receiver that wants its type, in the caller's transaction. Answers with the event's id. */
export async function enqueueEvent<Type extends EventType>(
  tx: Db,
  { tenant, type, data }: NewEvent<Type>,
  now: number,
): Promise<string> {
  const eventId = `evt_${randomUUID()}`
  // Kept as text: what is signed and sent is the same at every attempt, whatever becomes of this code.
  const body = JSON.stringify({ type, timestamp: new Date(now).toISOString(), data })
  const receivers = tenant.config.webhooks.filter((webhook) => webhook.events.includes(type))
  const rows = receivers.map(({ url }) => ({
    id: randomUUID(),
    tenant: tenant.id,
    event_id: eventId,
    receiver: url,
    type,
    body,
  }))
  await insertOutboxRows(tx, rows, now)
  return eventId
}
