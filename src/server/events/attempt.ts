import { markDelivered, markRefused, releaseRow } from '../store/outbox.ts'
import type { Store } from '../store/store.ts'
import type { OutboxRow } from '../store/tables.ts'
import { type BackOff, backOffMs } from './back-off.ts'
import type { DeliveryLog } from './delivery-log.ts'
import { type ConfiguredReceiver, receiverForLog } from './receivers.ts'

export interface AttemptDeps {
  store: Pick<Store, 'db'>
  log: DeliveryLog
  fetch: typeof globalThis.fetch
  now: () => number
  backOff: BackOff
  sendMs: number
  /** Aborted when the server can't wait any longer. */
  cutOff: AbortSignal
}

/** Sends a claimed row once and keeps how that ended. */
export async function attemptDelivery(row: OutboxRow, receiver: ConfiguredReceiver, deps: AttemptDeps): Promise<void> {
  const { store, log, fetch, now, cutOff } = deps
  const signal = AbortSignal.any([AbortSignal.timeout(receiver.sendMs ?? deps.sendMs), cutOff])
  const result = await receiver.send(row, { now: now(), fetch, signal })
  const event = { id: row.event_id, type: row.type, tenant: row.tenant, receiver: receiverForLog(row.receiver) }
  if (result.isTaken) {
    await markDelivered(store.db, row.id, now())
    log.info({ event }, 'event delivered')
  } else if (cutOff.aborted) {
    // We hung up, so it is no refusal: the next node to look sends it.
    await releaseRow(store.db, row)
  } else {
    const refusals = row.refusals + 1
    const retryMs = backOffMs(refusals, deps.backOff)
    await markRefused(store.db, row, { error: result.reason, nextAttemptAt: now() + retryMs })
    log.warn({ event, reason: result.reason, refusals, retryMs }, 'event refused')
  }
}
