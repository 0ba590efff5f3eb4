/** What the server answers a request with. */
export interface Answer {
  status: number
  headers?: Record<string, string | string[]>
  body?: string | Buffer
}

/** A page about one person: kept nowhere, so that Back shows nothing private after signing out. */
export function page(status: number, body: string): Answer {
  return { status, headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' }, body }
}

export function redirect(address: URL, cookies: string[] = []): Answer {
  return { status: 303, headers: { Location: address.href, 'Cache-Control': 'no-store', 'Set-Cookie': cookies } }
}

export const notFound: Answer = {
  status: 404,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body: 'There is nothing here\n',
}
