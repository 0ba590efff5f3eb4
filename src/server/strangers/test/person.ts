import { pageStateOf, type TestResponse } from '../../test/test-browser.ts'
import { ADA } from '../../test/test-config.ts'
import { navigate } from './navigate.ts'

interface Cookie {
  name: string
  value: string
  host: string
  path: string
}

/** A person with a browser without scripts, over the network: keeps cookies, follows redirects, signs in when asked. */
export class Person {
  readonly #cookies = new Map<string, Cookie>()

  /** Opens an address and follows where it leads, through the portal's pages, until `isThere` or a page of an app. */
  async open(address: string | URL, isThere: (address: URL) => boolean = () => false): Promise<URL | TestResponse> {
    return this.#arrive(await this.#send(new URL(address)), isThere)
  }

  /** Goes from the app through the portal back to an address that begins with `redirectUri`, without opening that. */
  async signIn(address: string | URL, redirectUri: string): Promise<URL> {
    const end = await this.open(address, ({ href }) => href.startsWith(redirectUri))
    if (end instanceof URL) return end
    throw new Error(`did not come back to ${redirectUri}: ${end.status} ${end.body.slice(0, 300)}`)
  }

  /** Like `open`, ending on a page of an app. */
  async visit(address: string | URL): Promise<TestResponse> {
    const end = await this.open(address)
    if (end instanceof URL) throw new Error(`ended at ${end.href}`)
    return end
  }

  /** Sends a form of an app and follows where it leads. */
  async submit(address: string, fields: Record<string, string>): Promise<URL | TestResponse> {
    const url = new URL(address)
    return this.#arrive(await this.#post(url, fields, url.origin), () => false)
  }

  async #arrive(first: TestResponse & { url: URL }, isThere: (address: URL) => boolean): Promise<URL | TestResponse> {
    let response = first
    for (let steps = 0; steps < 20; steps++) {
      if (response.location && isThere(response.location)) return response.location
      const next = await this.#next(response)
      if (!next) return response
      response = next
    }
    throw new Error('this goes round in circles')
  }

  async #next(response: TestResponse & { url: URL }): Promise<(TestResponse & { url: URL }) | undefined> {
    if (response.location) return this.#send(response.location)
    // What a script of the page would submit at once (OAuth 2.0 Form Post Response Mode).
    const form = /<form method="post" action="([^"]+)">(.*?)<\/form>/s.exec(response.body)
    if (form?.[1] && response.body.includes('document.forms[0].submit()')) {
      return this.#post(new URL(form[1]), inputsOf(form[2] ?? ''), 'null')
    }
    if (!response.body.includes('id="page-state"')) return undefined
    const state = pageStateOf(response)
    if (state.page === 'sign-in') return this.#step(response, state.action, { step: 'sign-in', ...ADA })
    if (state.page === 'consent') return this.#step(response, state.action, { step: 'consent', decision: 'allow' })
    if (state.page === 'sign-out') return this.#step(response, state.action, { ...state.fields, logout: 'yes' })
    return undefined
  }

  #step({ url }: { url: URL }, action: string, fields: Record<string, string>) {
    return this.#post(new URL(action, url), fields, url.origin)
  }

  #post(url: URL, fields: Record<string, string>, origin: string) {
    return this.#send(url, { body: new URLSearchParams(fields), headers: { origin } })
  }

  async #send(
    url: URL,
    init: { body?: URLSearchParams; headers?: Record<string, string> } = {},
  ): Promise<TestResponse & { url: URL }> {
    const navigating = { accept: 'text/html', 'sec-fetch-mode': 'navigate', cookie: this.#cookieHeader(url) }
    const { status, headers, body } = await navigate(url, { ...init, headers: { ...navigating, ...init.headers } })
    for (const line of headers['set-cookie'] ?? []) this.#keep(url, line)
    const { location } = headers
    return { url, status, headers, body, location: location === undefined ? undefined : new URL(location, url) }
  }

  /** Cookies don't know ports (RFC 6265 section 8.5). */
  #cookieHeader({ hostname, pathname }: URL): string {
    const matching = [...this.#cookies.values()].filter(
      ({ host, path }) => host === hostname && pathname.startsWith(path),
    )
    return matching.map(({ name, value }) => `${name}=${value}`).join('; ')
  }

  #keep({ hostname: host }: URL, line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const [name = '', ...value] = pair.split('=')
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/'
    const isGone = attributes.some((attribute) => /^(expires=Thu, 01 Jan 1970|max-age=0)/i.test(attribute))
    const key = `${host} ${path} ${name}`
    if (isGone) this.#cookies.delete(key)
    else this.#cookies.set(key, { name, value: value.join('='), host, path })
  }
}

function inputsOf(html: string): Record<string, string> {
  const inputs = [...html.matchAll(/name="([^"]*)" value="([^"]*)"/g)]
  return Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')]))
}
