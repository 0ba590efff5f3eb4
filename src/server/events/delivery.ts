import { claimRow, findDueRows } from '../store/outbox.ts'
import type { Store } from '../store/store.ts'
import type { OutboxRow } from '../store/tables.ts'
import { tellAbandoned } from './abandoned.ts'
import { createAlarm } from './alarm.ts'
import { attemptDelivery } from './attempt.ts'
import type { DeliveryLog } from './delivery-log.ts'
import { type ConfiguredReceiver, receiverKey } from './receivers.ts'

const usualTiming = {
  pollMs: 1_000,
  /** How long nobody else touches a row that is being sent: well above `sendMs`, for clocks that differ. */
  leaseMs: 30_000,
  sendMs: 10_000,
  firstRetryMs: 1_000,
  lastRetryMs: 3_600_000,
  /** How long a server that stops waits for what is under way. */
  stopMs: 2_000,
}
export type DeliveryTiming = typeof usualTiming

export interface DeliveryOptions {
  store: Pick<Store, 'db'>
  receivers: readonly ConfiguredReceiver[]
  log: DeliveryLog
  fetch?: typeof globalThis.fetch
  now?: () => number
  timing?: Partial<DeliveryTiming>
}

export interface Delivery {
  /** Looks for events now instead of at the next poll: call it after the commit. */
  wake(): void
  /** Takes nothing new and waits a moment for what is under way. Nothing touches the store afterwards. */
  stop(): Promise<void>
}

/** Per receiver, so that a slow one keeps nobody else waiting. */
const mostSending = 4
const batch = 100

/** Sends queued events until they are taken. Any number of nodes may do so on one database. */
export function startDelivery(options: DeliveryOptions): Delivery {
  const { store, log, fetch = globalThis.fetch, now = Date.now } = options
  const timing = { ...usualTiming, ...options.timing }
  const { sendMs, firstRetryMs, lastRetryMs } = timing
  const receivers = new Map(options.receivers.map((receiver) => [receiverKey(receiver), { ...receiver, sending: 0 }]))
  const alarm = createAlarm()
  let isStopping = false
  const cutOff = new AbortController()
  const underWay = new Set<Promise<void>>()
  const backOff = { firstMs: firstRetryMs, lastMs: lastRetryMs }
  const attemptDeps = { store, log, fetch, now, backOff, sendMs, cutOff: cutOff.signal }

  /** The only place that takes rows: `wake` just shortens its sleep, whatever transaction it is called in. */
  async function loop(): Promise<void> {
    const tellingOnce = tellFailuresOnce(log)
    let isToldOfAbandoned = false
    while (!isStopping) {
      await tellingOnce(async () => {
        if (!isToldOfAbandoned) await tellAbandoned(store.db, receivers, log)
        isToldOfAbandoned = true
        await startDue()
      })
      await alarm.sleep(timing.pollMs)
    }
  }

  /** Starts everything that is due, as far as its receiver has room. */
  async function startDue(): Promise<void> {
    while (!isStopping) {
      const open = [...receivers.values()].filter(hasRoom)
      const due = open.length === 0 ? [] : await findDueRows(store.db, open, now(), batch)
      if (due.length === 0) return
      for (const row of due) {
        const receiver = receivers.get(receiverKey(row))
        if (receiver && hasRoom(receiver) && !isStopping) await claimAndStart(row.id, receiver)
      }
    }
  }

  async function claimAndStart(id: string, receiver: BusyReceiver): Promise<void> {
    const at = now()
    const claimed = await claimRow(store.db, id, at + timing.leaseMs, at)
    if (claimed) start(claimed, receiver)
  }

  function start(row: OutboxRow, receiver: BusyReceiver): void {
    receiver.sending++
    const attempt = attemptDelivery(row, receiver, attemptDeps)
      .catch((error: unknown) =>
        log.warn({ err: error }, 'how an event was received could not be kept: it is sent again'),
      )
      .finally(() => {
        receiver.sending--
        underWay.delete(attempt)
        alarm.ring()
      })
    underWay.add(attempt)
  }

  const running = loop()
  return {
    wake: alarm.ring,
    async stop() {
      isStopping = true
      alarm.ring()
      await running
      const timer = setTimeout(() => cutOff.abort(), timing.stopMs)
      await Promise.all(underWay)
      clearTimeout(timer)
    },
  }
}

/** A receiver, and how much is under way to it. */
type BusyReceiver = ConfiguredReceiver & { sending: number }

function hasRoom({ sending }: BusyReceiver): boolean {
  return sending < mostSending
}

/** Runs work that fails while the database is away, and tells only the first failure in a row. */
function tellFailuresOnce(log: DeliveryLog) {
  let isFailing = false
  return async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
      isFailing = false
    } catch (error) {
      if (!isFailing) log.warn({ err: error }, 'events wait for the database; it is tried again')
      isFailing = true
    }
  }
}
