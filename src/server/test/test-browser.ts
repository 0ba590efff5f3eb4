import { PageState } from '../../contract/page-state.ts'
import type { ReachableServer, ServerRequest } from './reachable-server.ts'
import { ORIGIN } from './test-config.ts'

interface Cookie {
  name: string
  value: string
  path: string
}

export interface TestResponse {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
  /** Where this answer redirects to, absolute. */
  location: URL | undefined
}

/** A browser without scripts: keeps cookies by path, says where it stands, follows redirects on request. */
export class TestBrowser {
  readonly #server: ReachableServer
  readonly #origin: string
  readonly #cookies = new Map<string, Cookie>()

  constructor(server: ReachableServer, origin = ORIGIN) {
    this.#server = server
    this.#origin = origin
  }

  /** The same browser, sent to another node. */
  at(server: ReachableServer): TestBrowser {
    const browser = new TestBrowser(server, this.#origin)
    for (const [key, cookie] of this.#cookies) browser.#cookies.set(key, cookie)
    return browser
  }

  get(address: string, headers: Record<string, string> = {}): Promise<TestResponse> {
    return this.#send({ method: 'GET', url: this.#path(address), headers: { accept: 'text/html', ...headers } })
  }

  postForm(
    address: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<TestResponse> {
    return this.#send({
      method: 'POST',
      url: this.#path(address),
      headers: {
        accept: 'text/html',
        origin: this.#origin,
        'sec-fetch-site': 'same-origin',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
      payload: new URLSearchParams(fields).toString(),
    })
  }

  postJson(address: string, fields: object, headers: Record<string, string> = {}): Promise<TestResponse> {
    return this.#send({
      method: 'POST',
      url: this.#path(address),
      headers: { accept: 'application/json', origin: this.#origin, 'content-type': 'application/json', ...headers },
      payload: JSON.stringify(fields),
    })
  }

  /** Follows redirects as long as they stay on the portal. */
  async follow(response: TestResponse): Promise<TestResponse> {
    let current = response
    for (let hops = 0; hops < 10 && current.location?.origin === this.#origin; hops++) {
      current = await this.get(current.location.href)
    }
    return current
  }

  async open(address: string): Promise<TestResponse> {
    return this.follow(await this.get(address))
  }

  cookie(name: string): string | undefined {
    return [...this.#cookies.values()].find((cookie) => cookie.name === name)?.value
  }

  /** The cookies a request to `path` carries. */
  cookieHeader(path: string): string {
    const matching = [...this.#cookies.values()].filter((cookie) => path.startsWith(cookie.path))
    return matching.map(({ name, value }) => `${name}=${value}`).join('; ')
  }

  forget(isForgotten: (name: string) => boolean): void {
    for (const [key, { name }] of this.#cookies) if (isForgotten(name)) this.#cookies.delete(key)
  }

  #path(address: string): string {
    const { pathname, search } = new URL(address, this.#origin)
    return pathname + search
  }

  async #send(options: ServerRequest): Promise<TestResponse> {
    const cookie = this.cookieHeader(options.url.split('?')[0] ?? '/')
    const { host } = new URL(this.#origin)
    const headers = { host, ...(cookie && { cookie }), ...options.headers }
    const response = await this.#server.inject({ ...options, headers })
    this.#keep([response.headers['set-cookie'] ?? []].flat())
    const location = response.headers.location
    return {
      status: response.statusCode,
      headers: response.headers as TestResponse['headers'],
      body: response.body,
      location: location === undefined ? undefined : new URL(String(location), this.#origin),
    }
  }

  #keep(setCookies: string[]): void {
    for (const line of setCookies) {
      const [pair = '', ...attributes] = line.split('; ')
      const [name = '', ...value] = pair.split('=')
      const path = attributes.find((attribute) => attribute.toLowerCase().startsWith('path='))?.slice(5) ?? '/'
      const isGone = attributes.some((attribute) => /^expires=Thu, 01 Jan 1970/i.test(attribute))
      const key = `${name} ${path}`
      if (isGone) this.#cookies.delete(key)
      else this.#cookies.set(key, { name, value: value.join('='), path })
    }
  }
}

/** The state a page was drawn from. */
export function pageStateOf(response: TestResponse): PageState {
  const [, json] = /<script[^>]*id="page-state"[^>]*>(.*?)<\/script>/s.exec(response.body) ?? []
  if (json === undefined) throw new Error(`not a page of the portal: ${response.status} ${response.body.slice(0, 200)}`)
  return PageState.parse(JSON.parse(json))
}
