import { AuthError } from '../wire/auth-error.ts'
import { checkAccessToken, type TokenExpectation } from './access-token.ts'
import { type Credentials, type IncomingRequest, readCredentials } from './credentials.ts'
import { checkProof, type ProofDeps, proofWindowSeconds } from './dpop-proof.ts'
import { createKeySet } from './key-set.ts'
import { createReplayCache } from './replay-cache.ts'
import { createRevocationWatch } from './revocation-watch.ts'
import { TokenError } from './token-error.ts'
import { toVerifiedToken, type VerifiedToken } from './verified-token.ts'

/** Options of {@link createVerifier}. */
export interface VerifierOptions {
  /** The tenant's issuer, for example `https://id.example.com/demo`. */
  issuer: string
  /** The audience of this API, as the tenant is configured. */
  audience: string
  /**
   * Origin people reach this API at, for example `https://api.example.com`. Needed behind a proxy, and for requests that
   * know only their path: a proof names the whole address (RFC 9449 section 4.3).
   */
  origin?: string
}

/** Tells who sent a request. */
export interface Verifier {
  /**
   * Accepts the access token of a request, or a token alone.
   *
   * A token bound to a key (RFC 9449) is accepted with its request only: alone, nothing shows who sent it.
   *
   * @throws {TokenError} with the status and headers to answer with.
   */
  readonly verify: (input: string | IncomingRequest) => Promise<VerifiedToken>
}

/** What the outside gives a verifier; replaced where time or the network must be another. */
export interface VerifierDeps {
  fetch: typeof globalThis.fetch
  /** Epoch milliseconds. */
  now(): number
}

const mostProofs = 100_000

/**
 * Makes a verifier for the access tokens of one issuer. Make one per process: it keeps the issuer's keys, the proofs it
 * has seen, and the list of logins that ended before their tokens did (followed every five seconds, never per request).
 *
 * @throws {AuthError} `configuration`, naming the option that is missing or not an address.
 * @example
 * const verifier = createVerifier({ issuer: 'https://id.example.com/demo', audience: 'https://api.example.com' })
 * const { sub, roles } = await verifier.verify(request)
 */
export function createVerifier(options: VerifierOptions): Verifier {
  return startVerifier(options, { fetch: (input, init) => globalThis.fetch(input, init), now: Date.now })
}

/** Makes a verifier over given time and network. */
export function startVerifier({ issuer, audience, origin }: VerifierOptions, { fetch, now }: VerifierDeps): Verifier {
  checkText('issuer', issuer)
  checkText('audience', audience)
  const findKey = createKeySet(issuer, { fetch, now })
  const revocations = createRevocationWatch(issuer, { fetch, findKey, now })
  const expected: TokenExpectation = { issuer, audience, findKey, revocations, now }
  const seen = createReplayCache({ lifetimeMs: 2 * proofWindowSeconds * 1000, mostEntries: mostProofs, now })
  const apiOrigin = origin === undefined ? undefined : readOrigin(origin)
  return Object.freeze({
    verify: async (input: string | IncomingRequest) =>
      typeof input === 'string'
        ? verifyAlone(input, expected)
        : verifyRequest(readCredentials(input, apiOrigin), expected, { seen, now }),
  })
}

async function verifyAlone(token: string, expected: TokenExpectation): Promise<VerifiedToken> {
  const claims = await checkAccessToken(token, expected)
  if (claims.cnf !== undefined) {
    throw new TokenError('proof-missing', 'The access token is bound to a key; verify the whole request.')
  }
  return toVerifiedToken(claims)
}

async function verifyRequest(
  credentials: Credentials,
  expected: TokenExpectation,
  deps: ProofDeps,
): Promise<VerifiedToken> {
  const { scheme, proof, token } = credentials
  const claims = await checkAccessToken(token, expected, scheme)
  const thumbprint = boundTo(claims.cnf)
  if (thumbprint === undefined && scheme === 'Bearer') return toVerifiedToken(claims)
  // RFC 9449 section 7.1: a bound token sent as Bearer, or an unbound one as DPoP, is no good.
  if (thumbprint === undefined)
    throw new TokenError('token-invalid', 'The access token is not bound to a key.', { scheme })
  if (scheme === 'Bearer' || proof === undefined) {
    throw new TokenError('proof-missing', 'The access token needs a DPoP proof.', { scheme })
  }
  await checkProof({ ...credentials, proof }, thumbprint, deps)
  return toVerifiedToken(claims)
}

/** The key a token is bound to; a binding of a kind we don't know can't be checked, so it refuses everything. */
function boundTo(confirmation: unknown): string | undefined {
  if (confirmation === undefined) return undefined
  const { jkt } = (confirmation ?? {}) as { jkt?: unknown }
  if (typeof jkt === 'string') return jkt
  throw new TokenError('token-invalid', 'The access token is bound in an unknown way.')
}

function checkText(option: string, value: unknown): void {
  if (typeof value !== 'string' || !value) throw misuse(`\`${option}\` must be given`)
}

function readOrigin(origin: string): string {
  if (!URL.canParse(origin)) throw misuse('`origin` must be an address')
  return new URL(origin).origin
}

function misuse(problem: string): AuthError {
  return new AuthError('configuration', { message: `createVerifier: ${problem}.` })
}
