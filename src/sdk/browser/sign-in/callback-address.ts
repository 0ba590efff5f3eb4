import type { ResolvedOptions } from '../options.ts'

/** Parameters of an authorization answer (RFC 6749 section 4.1.2, RFC 9207). */
export interface CallbackAnswer {
  state: string
  code: string | undefined
  error: string | undefined
  issuer: string | undefined
}

const answerParameters = ['code', 'state', 'iss', 'error', 'error_description', 'error_uri', 'session_state']

/** Tells whether an address is the redirect address, whatever an answer has added to its query. */
export function isRedirectAddress(address: URL, redirectUri: URL): boolean {
  const isSamePage = address.origin === redirectUri.origin && address.pathname === redirectUri.pathname
  return isSamePage && [...redirectUri.searchParams].every(([name, value]) => address.searchParams.get(name) === value)
}

/** Tells whether the redirect address is also the page people start on. */
export function isHomeToo({ redirectUri, homeUri }: Pick<ResolvedOptions, 'redirectUri' | 'homeUri'>): boolean {
  return redirectUri.pathname === homeUri.pathname
}

/** Reads the authorization answer in an address; undefined when there is none. */
export function readCallback(address: URL, redirectUri: URL): CallbackAnswer | undefined {
  if (!isRedirectAddress(address, redirectUri)) return undefined
  const get = (name: string) => address.searchParams.get(name) || undefined
  const answer = { state: get('state') ?? '', code: get('code'), error: get('error'), issuer: get('iss') }
  return answer.code || answer.error ? answer : undefined
}

/** The address without the answer. */
export function withoutAnswer(address: URL): URL {
  const clean = new URL(address)
  for (const name of answerParameters) clean.searchParams.delete(name)
  return clean
}
