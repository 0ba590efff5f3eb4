import { AuthError } from './auth-error.ts'

/** Longest wait for one answer of the issuer, unless the caller says otherwise. */
export const timeLimitMs = 30_000

/** What {@link send} needs besides the request. */
export interface SendDeps {
  fetch: typeof globalThis.fetch
}

/**
 * Sends one request to the issuer: no cookies, no redirects, and at most 30 seconds unless `init` has its own signal.
 *
 * @throws {AuthError} `network` or `timeout`; what the signal of `init` was ended with.
 */
export async function send(url: URL, init: RequestInit, { fetch }: SendDeps): Promise<Response> {
  const { signal = null } = init
  const limit = signal ?? AbortSignal.timeout(timeLimitMs)
  try {
    return await fetch(url, {
      cache: 'no-store',
      ...init,
      signal: limit,
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
    })
  } catch (cause) {
    signal?.throwIfAborted()
    throw new AuthError(limit.aborted ? 'timeout' : 'network', { cause })
  }
}

/**
 * Reads the body of an answer as JSON; undefined when it is something else, such as a proxy's HTML page.
 *
 * @throws {AuthError} `network` when the connection breaks on the way; what `signal` was ended with.
 */
export async function readJson(response: Response, signal?: AbortSignal | null): Promise<unknown> {
  const text = await response.text().catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw new AuthError('network', { cause, status: response.status })
  })
  try {
    // Response.text() drops a byte order mark, so JSON behind one still parses.
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Seconds of a Retry-After header, given as seconds or as a date (RFC 9110 section 10.2.3). */
export function readRetryAfter(response: Response, now: number): number | undefined {
  const value = response.headers.get('Retry-After')
  if (!value) return undefined
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined
}
