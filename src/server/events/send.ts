/** One request to a receiver. */
export interface Message {
  url: string
  headers: Record<string, string>
  body: string
}

interface Sending extends Message {
  fetch: typeof globalThis.fetch
  signal: AbortSignal
}

export type SendResult = { isTaken: true } | { isTaken: false; reason: string }

/** Sends a message once. Only a 2xx counts as taken. */
export async function sendMessage({ url, headers, body, fetch, signal }: Sending): Promise<SendResult> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'user-agent': 'Portico', ...headers },
      body,
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

/** `ECONNREFUSED`, `unexpected redirect`, …: fetch itself only says that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure'
  if (error.name === 'TimeoutError') return 'no answer in time'
  const cause = error.cause instanceof Error ? error.cause : error
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
  return (code ?? cause.message).slice(0, 200)
}
