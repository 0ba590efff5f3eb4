import type { Answer } from './answer.ts'
import type { Connection } from './connection.ts'

/** A browser without scripts: cookies by path, forms posted from the page they are on. */
export class Browser {
  readonly #connection: Connection
  readonly #cookies = new Map<string, { pair: string; path: string }>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get(path: string): Promise<Answer> {
    return this.#send(path)
  }

  post(path: string, form: Record<string, string>): Promise<Answer> {
    return this.#send(path, form)
  }

  async #send(path: string, form?: Record<string, string>): Promise<Answer> {
    const headers: Record<string, string> = { accept: 'text/html' }
    const cookie = this.#cookiesFor(path)
    if (cookie) headers.cookie = cookie
    if (form) Object.assign(headers, { origin: this.#connection.origin, 'sec-fetch-site': 'same-origin' })
    const answer = await this.#connection.send({ path, headers, ...(form && { method: 'POST' as const, form }) })
    for (const line of answer.cookies) this.#keep(line)
    return answer
  }

  #cookiesFor(path: string): string {
    const matching = [...this.#cookies.values()].filter((cookie) => path.startsWith(cookie.path))
    return matching.map(({ pair }) => pair).join('; ')
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(/; ?/)
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/'
    const key = `${pair.slice(0, pair.indexOf('='))} ${path}`
    const isGone = attributes.some((attribute) => /^expires=Thu, 01 Jan 1970/i.test(attribute))
    if (isGone) this.#cookies.delete(key)
    else this.#cookies.set(key, { pair, path })
  }
}
