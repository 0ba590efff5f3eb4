import { Webhook } from 'standardwebhooks'
import type { Receiver } from '../store/outbox.ts'
import type { OutboxRow } from '../store/tables.ts'
import type { EventTenant } from './event.ts'
import { type Message, type SendResult, sendMessage } from './send.ts'

export interface Sending {
  now: number
  fetch: typeof globalThis.fetch
  /** Aborted when there is no more time. */
  signal: AbortSignal
}

/** Somebody who is told things. */
export interface ConfiguredReceiver extends Receiver {
  /** How long one attempt may take, where it isn't as long as a request. */
  sendMs?: number
  /** Hands over once what a row stands for. */
  send(row: OutboxRow, sending: Sending): Promise<SendResult>
}

/** What is sent for a row, signed now with what is configured now. */
type MessageFor = (row: Pick<OutboxRow, 'event_id' | 'body'>, now: number) => Promise<Message>

/** Somebody who is told by a request. */
export function toldByRequest(receiver: Receiver, messageFor: MessageFor): ConfiguredReceiver {
  const send = async (row: OutboxRow, { now, ...way }: Sending) =>
    sendMessage({ ...(await messageFor(row, now)), ...way })
  return { ...receiver, send }
}

/** Every webhook of a tenant. */
export function webhookReceivers({ id, config }: EventTenant): ConfiguredReceiver[] {
  return config.webhooks.map(({ url, secret }) =>
    toldByRequest({ tenant: id, receiver: url }, async ({ event_id, body }, now) => ({
      url,
      headers: signedHeaders({ event_id, body }, secret, now),
      body,
    })),
  )
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
