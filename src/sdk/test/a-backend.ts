import { startBackend } from '../server/backend/create-backend.ts'
import { issuerAddress, metadata } from './an-issuer.ts'

/** A request a backend has sent to an endpoint. */
export interface SentRequest {
  path: string
  form: Record<string, string>
  headers: Headers
  signal: AbortSignal
}

/** An answer, a failure of the network, or whatever a test makes of the request. */
type Answer = Response | Error | ((request: SentRequest) => Response | Promise<Response>)

export const clientSecret = 'a secret: of 100% äöü+ kept well'

/** A backend whose issuer gives these answers in turn, and afterwards good tokens; its clock stands until it is moved. */
export function aBackend(...answers: Answer[]) {
  const sent: SentRequest[] = []
  const pauses: number[] = []
  const clock = { now: Date.UTC(2026, 10, 25) }
  let count = 0
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    const path = new URL(request.url).pathname.replace('/demo', '')
    if (path === '/.well-known/openid-configuration') return Response.json(serverMetadata)
    const form = Object.fromEntries(new URLSearchParams(await request.text()))
    const one = { path, form, headers: request.headers, signal: request.signal }
    sent.push(one)
    const answer = answers.shift() ?? Response.json(someTokens({ access_token: `access-${++count}` }))
    if (answer instanceof Error) throw answer
    return typeof answer === 'function' ? answer(one) : answer
  }
  const wait = async (ms: number) => {
    pauses.push(ms)
  }
  const options = { issuer: issuerAddress, clientId: 'community:1', clientSecret }
  const backend = startBackend(options, { fetch, now: () => clock.now, wait })
  return { backend, sent, pauses, clock, options }
}

export const serverMetadata = { ...metadata, introspection_endpoint: `${issuerAddress}/introspect` }

/** A token answer of the issuer. */
export function someTokens(overrides: Record<string, unknown> = {}) {
  return {
    access_token: 'access-1',
    token_type: 'Bearer',
    expires_in: 600,
    access_token_expires_at: '2026-11-25T00:10:00.000Z',
    scope: 'Shopper MeAdmin',
    session_id: 'session-1',
    refresh_token: 'refresh-1',
    refresh_token_expires_in: 1_209_600,
    refresh_token_expires_at: '2026-12-09T00:00:00.000Z',
    ...overrides,
  }
}

/** A refusal in OAuth's words. */
export function refused(error: string, status = 400, headers: Record<string, string> = {}): Response {
  return Response.json({ error, error_description: 'what the issuer wrote' }, { status, headers })
}

/** A value nothing can be written into, at any depth. */
export function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFrozen(part)
    Object.freeze(value)
  }
  return value
}
