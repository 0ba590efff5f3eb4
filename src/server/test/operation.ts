import type { Everything } from './everything-on.ts'

/** What one caller may ask of a route, in a request that succeeds; every wrong one is made from it. */
export interface Operation {
  /** What it stands for: `grant password` of the token endpoint, or `POST /demo/oauth/token` of an older API. */
  of: string
  /** What is done, where a route does several things. */
  name: string
  method: 'GET' | 'POST' | 'PATCH'
  /** Path; `:field` is replaced by that field. */
  url: string
  fieldsIn: 'form' | 'json' | 'query' | 'path'
  /** Takes a body of this kind just as well. */
  alsoTakes?: 'form' | 'json'
  /** Parameters it reads where they are sent. */
  alsoReads?: readonly string[]
  /** Status of the request as it is. */
  succeeds: number
  /** Status for what can't be read: 400 unless this API has another. */
  malformed?: number
  /** Whether a body is a refusal in the form its clients expect. */
  isRefusal(body: unknown): boolean
  request(everything: Everything): Promise<OperationRequest>
  rules: OperationRules
}

export interface OperationRequest {
  /** Text, but for JSON that has more. */
  fields: Record<string, unknown>
  headers?: Record<string, string>
}

/** What its fields mean, for the rules that hold wherever they mean it. */
export interface OperationRules {
  /** `client_id` names who asks, and `client_secret` proves it where there is one. */
  client?: 'public' | 'secret'
  /** `scope` is what is asked for. */
  scope?: true
  /** `username` and `password` are a person's. */
  credentials?: true
  /** Takes DPoP proofs; each is good once, but where remembering it would be a row that guests don't cost. */
  proof?: 'once' | 'while fresh'
  /** Never answers a page. */
  serverOnly?: true
}
