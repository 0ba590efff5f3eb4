import type { Answer } from './answer.ts'
import type { Connection } from './connection.ts'
import type { DpopKey } from './dpop-key.ts'

export interface Tokens {
  access_token: string
  token_type: string
  refresh_token?: string
  id_token?: string
}

/** An app at a token endpoint. Counts as answered only what has status 200 and an access token. */
export class TokenClient {
  readonly #connection: Connection
  readonly #path: string
  readonly #key: DpopKey | undefined
  /** What the server's answers gave last, if it gives any (RFC 9449 section 8.2). */
  #nonce: string | undefined

  constructor(connection: Connection, path: string, key?: DpopKey) {
    this.#connection = connection
    this.#path = path
    this.#key = key
  }

  async request(form: Record<string, string>): Promise<Tokens> {
    const answer = await this.#send(form)
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body.slice(0, 200)}`)
    const tokens: Tokens = JSON.parse(answer.body)
    if (typeof tokens.access_token !== 'string') throw new Error('a 200 without an access token')
    if (this.#key && tokens.token_type !== 'DPoP') throw new Error('a token that is not bound to the key')
    return tokens
  }

  /** The first request: sees that the tokens are what is to be compared. */
  async begin(form: Record<string, string>): Promise<Tokens> {
    const tokens = await this.request(form)
    const { alg } = partOf(tokens.access_token, 0)
    if (alg !== 'ES256') throw new Error(`an access token signed with ${alg}`)
    const { cnf } = partOf(tokens.access_token, 1) as { cnf?: { jkt: string } }
    if (cnf?.jkt !== this.#key?.thumbprint) throw new Error('an access token bound to another key')
    return tokens
  }

  async #send(form: Record<string, string>): Promise<Answer> {
    const key = this.#key
    const path = this.#path
    const headers: Record<string, string> = { accept: 'application/json' }
    if (key) headers.dpop = key.proof({ method: 'POST', url: this.#connection.origin + path, nonce: this.#nonce })
    const answer = await this.#connection.send({ method: 'POST', path, headers, form })
    this.#nonce = answer.headers.get('dpop-nonce') ?? this.#nonce
    return answer
  }
}

function partOf(jwt: string, part: 0 | 1): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[part] ?? '', 'base64url').toString())
}
