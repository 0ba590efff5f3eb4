/** What the catalog's server answers a request with. */
export interface Answer {
  status: number
  headers?: Record<string, string>
  body?: string | Buffer
}

export function json(status: number, value: unknown): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
    body: JSON.stringify(value),
  }
}

/** RFC 9457 */
export function problem(status: number, title: string, headers: Record<string, string> = {}): Answer {
  const body = JSON.stringify({ type: 'about:blank', title, status })
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers },
    body,
  }
}
