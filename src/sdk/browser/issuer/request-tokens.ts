import * as z from 'zod/mini'
import { OAuthErrorAnswer, TokenAnswer } from '../../../contract/token-answer.ts'
import { AuthError } from '../auth-error.ts'
import { createProof } from '../dpop/proof.ts'
import { readJson, readRetryAfter, send } from './send.ts'
import type { TokenDeps } from './token-deps.ts'
import { type TokenSet, toTokenSet } from './token-set.ts'

/** One grant presented at the token endpoint. */
export interface TokenRequest {
  /** Grant parameters without `client_id`. */
  grant: Record<string, string>
  /** Key the tokens are bound to, if any. */
  key: CryptoKeyPair | undefined
}

const proofProblems = ['use_dpop_nonce', 'invalid_dpop_proof']
/** Codes that are said with 400 but mean "later" (RFC 6749 section 4.1.2.1). */
const temporary = ['temporarily_unavailable', 'server_error', 'use_dpop_nonce']

/**
 * Presents a grant at the token endpoint, with a proof and one retry when it names a nonce or shows our clock is wrong.
 *
 * @throws {AuthError} `session-ended` for `invalid_grant`, `refused` for other refusals, or a retryable code.
 */
export async function requestTokens(request: TokenRequest, deps: TokenDeps): Promise<TokenSet> {
  const { tokenEndpoint } = await deps.loadMetadata()
  const first = await post(tokenEndpoint, request, deps)
  const { response, body } = isProofProblem(first.body) ? await post(tokenEndpoint, request, deps) : first
  if (!response.ok) throw toTokenError(response, body, deps.clock.now())
  const answer = z.safeParse(TokenAnswer, body)
  if (!answer.success) throw new AuthError('server', { status: response.status })
  return toTokenSet(answer.data, deps.clock.now())
}

async function post(url: URL, { grant, key }: TokenRequest, deps: TokenDeps) {
  const proof = key && { DPoP: await proofFor(url, key, deps) }
  const form = new URLSearchParams({ ...grant, client_id: deps.clientId })
  const sentAt = Date.now()
  const response = await send(
    url,
    { method: 'POST', body: form, headers: { accept: 'application/json', ...proof } },
    deps,
  )
  deps.nonces.remember(url, response)
  deps.clock.learn(response.headers.get('Date'), sentAt)
  return { response, body: withoutNulls(await readJson(response)) }
}

function proofFor(url: URL, key: CryptoKeyPair, { clock, nonces }: TokenDeps): Promise<string> {
  return createProof({ key, method: 'POST', url, now: clock.now(), nonce: nonces.get(url) })
}

/** A proof without the nonce now asked for, or with a wrong time: both are known after the answer. */
function isProofProblem(body: unknown): boolean {
  const answer = z.safeParse(OAuthErrorAnswer, body)
  return answer.success && proofProblems.includes(answer.data.error)
}

function toTokenError(response: Response, body: unknown, now: number): AuthError {
  const { status } = response
  const retryAfterSeconds = readRetryAfter(response, now)
  if (status === 429) return new AuthError('rate-limited', { status, retryAfterSeconds })
  const answer = z.safeParse(OAuthErrorAnswer, body)
  // Anything that isn't OAuth's JSON comes from a proxy or a deploy in progress, and says nothing about the grant.
  if (status >= 500 || !answer.success || temporary.includes(answer.data.error)) {
    return new AuthError('server', { status, retryAfterSeconds })
  }
  const { error } = answer.data
  return new AuthError(error === 'invalid_grant' ? 'session-ended' : 'refused', { status, oauthError: error })
}

function withoutNulls(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}
