import { AuthError } from '../wire/auth-error.ts'
import { TokenError } from './token-error.ts'

/** A request as any server has it: a web `Request`, or Node's with a plain object of headers. */
export interface IncomingRequest {
  readonly method?: string | undefined
  /** Absolute, or a path when the verifier knows its `origin`. */
  readonly url?: string | undefined
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What a request brings to show who sent it. */
export interface Credentials {
  scheme: 'Bearer' | 'DPoP'
  token: string
  proof: string | undefined
  method: string
  url: URL
}

const tokenCharacters = /^[A-Za-z0-9\-._~+/]+=*$/
const longestToken = 16_384

/**
 * Reads the credentials of a request (RFC 6750 section 2.1, RFC 9449 section 7.1).
 *
 * @throws {TokenError} `token-missing`, or `request-invalid` for a token in the address or two of anything.
 */
export function readCredentials(request: IncomingRequest, origin: string | undefined): Credentials {
  const url = readUrl(request, origin)
  // RFC 6750 section 2.3: addresses end up in logs and histories.
  if (url.searchParams.has('access_token')) throw invalid('A token must not be part of the address.')
  const [authorization, second] = readHeader(request, 'authorization')
  if (authorization === undefined) throw new TokenError('token-missing', 'There is no access token.')
  const [scheme, token, ...more] = authorization.split(' ')
  if (second !== undefined || more.length > 0 || authorization.includes(','))
    throw invalid('There is more than one token.')
  const known = knownScheme(scheme)
  if (!known) throw new TokenError('token-missing', 'There is no access token.')
  if (!token || token.length > longestToken || !tokenCharacters.test(token)) {
    throw new TokenError('token-invalid', 'The access token is malformed.', { scheme: known })
  }
  return { scheme: known, token, proof: readProof(request), method: request.method ?? 'GET', url }
}

function knownScheme(scheme = ''): 'Bearer' | 'DPoP' | undefined {
  const lower = scheme.toLowerCase()
  return lower === 'bearer' ? 'Bearer' : lower === 'dpop' ? 'DPoP' : undefined
}

/** RFC 9449 section 4.3, step 1: not more than one proof. */
function readProof(request: IncomingRequest): string | undefined {
  const [proof, second] = readHeader(request, 'dpop')
  if (second !== undefined || proof?.includes(',')) throw invalid('There is more than one proof.')
  return proof
}

function readUrl({ url = '' }: IncomingRequest, origin: string | undefined): URL {
  if (origin === undefined && !URL.canParse(url)) {
    const message = 'verify: the request has no absolute address; give createVerifier its `origin`.'
    throw new AuthError('configuration', { message })
  }
  const path = URL.canParse(url) ? new URL(url) : new URL(`http://localhost${url}`)
  return origin === undefined ? path : new URL(origin + path.pathname + path.search)
}

function readHeader({ headers }: IncomingRequest, name: string): string[] {
  const value = headers instanceof Headers ? headers.get(name) : findHeader(headers, name)
  if (value === null || value === undefined) return []
  return typeof value === 'string' ? [value] : [...value]
}

function findHeader(headers: Readonly<Record<string, string | readonly string[] | undefined>>, name: string) {
  const found = Object.keys(headers).find((key) => key.toLowerCase() === name)
  return found === undefined ? undefined : headers[found]
}

function invalid(message: string): TokenError {
  return new TokenError('request-invalid', message)
}
