import { Webhook } from 'standardwebhooks'
import type { Receiver } from '../store/outbox.ts'
import type { OutboxRow } from '../store/tables.ts'
import type { EventTenant } from './event.ts'

/** One request to a receiver. */
export interface Message {
  url: string
  headers: Record<string, string>
  body: string
}

/** Somebody who is told things. */
export interface ConfiguredReceiver extends Receiver {
  /** What is sent for a row, signed now with what is configured now. */
  messageFor(row: Pick<OutboxRow, 'event_id' | 'body'>, now: number): Promise<Message>
}

/** Every webhook of a tenant. */
export function webhookReceivers({ id, config }: EventTenant): ConfiguredReceiver[] {
  return config.webhooks.map(({ url, secret }) => ({
    tenant: id,
    receiver: url,
    messageFor: async ({ event_id, body }, now) => ({
      url,
      headers: signedHeaders({ event_id, body }, secret, now),
      body,
    }),
  }))
}

/** Signs as Standard Webhooks says. */
function signedHeaders(row: Pick<OutboxRow, 'event_id' | 'body'>, secret: string, now: number): Record<string, string> {
  return {
    'content-type': 'application/json',
    'webhook-id': row.event_id,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    'webhook-signature': new Webhook(secret).sign(row.event_id, new Date(now), row.body),
  }
}

export function receiverKey({ tenant, receiver }: Receiver): string {
  return `${tenant} ${receiver}`
}

/** The receiver for a log: what follows the path of an address may be a secret. */
export function receiverForLog(receiver: string): string {
  if (!receiver.startsWith('http')) return receiver
  const { origin, pathname } = new URL(receiver)
  return origin + pathname
}
