import type { Receiver } from '../store/outbox.ts'
import type { EventTenant } from './event.ts'

/** A configured webhook, and how much is under way to it. */
export interface ConfiguredReceiver extends Receiver {
  secret: string
  sending: number
}

/** Every webhook of every tenant, by `receiverKey`. */
export function configuredReceivers(tenants: readonly EventTenant[]): ReadonlyMap<string, ConfiguredReceiver> {
  const receivers = tenants.flatMap(({ id, config }) =>
    config.webhooks.map(({ url, secret }) => ({ tenant: id, receiver: url, secret, sending: 0 })),
  )
  return new Map(receivers.map((receiver) => [receiverKey(receiver), receiver]))
}

export function receiverKey({ tenant, receiver }: Receiver): string {
  return `${tenant} ${receiver}`
}

/** The address for a log: what follows the path may be a secret. */
export function addressForLog(receiver: string): string {
  const { origin, pathname } = new URL(receiver)
  return origin + pathname
}
