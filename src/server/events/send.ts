import { Webhook } from 'standardwebhooks'
import type { OutboxRow } from '../store/tables.ts'

export interface Sending {
  row: Pick<OutboxRow, 'event_id' | 'receiver' | 'body'>
  /** The receiver's secret as configured now, `whsec_…`. */
  secret: string
  fetch: typeof globalThis.fetch
  now: number
  signal: AbortSignal
}

export type SendResult = { isTaken: true } | { isTaken: false; reason: string }

/** Sends an event once, signed as Standard Webhooks says. Only a 2xx counts as taken. */
export async function sendEvent({ row, secret, fetch, now, signal }: Sending): Promise<SendResult> {
  try {
    const answer = await fetch(row.receiver, {
      method: 'POST',
      headers: signedHeaders(row, secret, now),
      body: row.body,
      // A redirect would lead to an address that the operator never named.
      redirect: 'error',
      signal,
    })
    // Nothing a receiver says is of use, and it may say it without end.
    await answer.body?.cancel().catch(() => {})
    return answer.ok ? { isTaken: true } : { isTaken: false, reason: `HTTP ${answer.status}` }
  } catch (error) {
    return { isTaken: false, reason: reasonOf(error) }
  }
}

function signedHeaders(row: Sending['row'], secret: string, now: number): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'Portico',
    'webhook-id': row.event_id,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    'webhook-signature': new Webhook(secret).sign(row.event_id, new Date(now), row.body),
  }
}

/** `ECONNREFUSED`, `unexpected redirect`, …: fetch itself only says that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure'
  if (error.name === 'TimeoutError') return 'no answer in time'
  const cause = error.cause instanceof Error ? error.cause : error
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
  return (code ?? cause.message).slice(0, 200)
}
