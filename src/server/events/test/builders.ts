import { randomUUID } from 'node:crypto'
import type { Store } from '../../store/store.ts'
import type { EventTenant } from '../event.ts'
import { enqueueEvent } from '../outbox.ts'

export function anUpgrade() {
  return {
    tenant: 'demo',
    session_id: randomUUID(),
    guest_sub: randomUUID(),
    member_sub: randomUUID(),
    client_id: 'catalog',
  }
}

/** Queues an event as a sign-in does, and answers with its id. */
export function enqueue(store: Store, tenant: EventTenant, data = anUpgrade(), now = Date.now()): Promise<string> {
  return store.transaction((tx) => enqueueEvent(tx, { tenant, type: 'guest.upgraded', data }, now))
}

export async function enqueueMany(store: Store, tenant: EventTenant, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < count; index++) ids.push(await enqueue(store, tenant))
  return ids
}
