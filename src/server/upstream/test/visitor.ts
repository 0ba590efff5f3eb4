/** Where a provider sends somebody back to: with a query, or with the fields of a form its page would post. */
export interface WayBack {
  url: URL
  form?: Record<string, string>
}

/** A person's browser at a provider: signs in there under a name, or turns back. */
export class Visitor {
  readonly #cookies = new Map<string, string>()

  async signIn(address: string | URL, login: string): Promise<WayBack> {
    return this.#visit(new URL(address), { login })
  }

  async turnBack(address: string | URL): Promise<WayBack> {
    return this.#visit(new URL(address), { cancel: 'yes' })
  }

  async #visit(start: URL, fields: Record<string, string>): Promise<WayBack> {
    let response = await this.#send(start)
    for (let hops = 0; hops < 10; hops++) {
      const posted = formOf(response.body)
      if (posted) return posted
      const next = response.location
      if (next && next.origin !== start.origin) return { url: next }
      if (!next && response.status !== 200) throw new Error(`the provider says ${response.status} ${response.body}`)
      response = await (next ? this.#send(next) : this.#send(response.url, fields))
    }
    throw new Error('the provider goes round in circles')
  }

  async #send(url: URL, fields?: Record<string, string>) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'text/html', cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; ') },
      ...(fields && { method: 'POST', body: new URLSearchParams(fields) }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      this.#cookies.set(name, value)
    }
    const location = response.headers.get('location')
    return {
      url,
      status: response.status,
      body: await response.text(),
      location: location === null ? undefined : new URL(location, url),
    }
  }
}

/** What a script of the page would submit at once (OAuth 2.0 Form Post Response Mode). */
function formOf(html: string): WayBack | undefined {
  const [, action, inside = ''] = /<form method="post" action="([^"]+)">(.*?)<\/form>/s.exec(html) ?? []
  if (action === undefined) return undefined
  const inputs = [...inside.matchAll(/name="([^"]*)" value="([^"]*)"/g)]
  const form = inputs.map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')])
  return { url: new URL(action), form: Object.fromEntries(form) }
}
