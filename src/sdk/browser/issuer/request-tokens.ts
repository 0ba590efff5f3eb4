import * as z from 'zod/mini'
import { OAuthErrorAnswer, TokenAnswer } from '../../../contract/token-answer.ts'
import { readRetryAfter } from '../../wire/send.ts'
import { AuthError } from '../auth-error.ts'
import { postForm } from './post-form.ts'
import type { TokenDeps } from './token-deps.ts'
import { type TokenSet, toTokenSet } from './token-set.ts'

/** One grant presented at the token endpoint. */
export interface TokenRequest {
  /** Grant parameters without `client_id`. */
  grant: Record<string, string>
  /** Key the tokens are bound to, if any. */
  key: CryptoKeyPair | undefined
}

/** Codes that are said with 400 but mean "later" (RFC 6749 section 4.1.2.1). */
const temporary = ['temporarily_unavailable', 'server_error', 'use_dpop_nonce']

/**
 * Presents a grant at the token endpoint, with a proof and one retry when it names a nonce or shows our clock is wrong.
 *
 * @throws {AuthError} `session-ended` for `invalid_grant`, `refused` for other refusals, or a retryable code.
 */
export async function requestTokens({ grant, key }: TokenRequest, deps: TokenDeps): Promise<TokenSet> {
  const { tokenEndpoint } = await deps.loadMetadata()
  const { response, body } = await postForm({ url: tokenEndpoint, fields: grant, key }, deps)
  if (!response.ok) throw toTokenError(response, body, deps.clock.now())
  const answer = z.safeParse(TokenAnswer, body)
  if (!answer.success) throw new AuthError('server', { status: response.status })
  return toTokenSet(answer.data, deps.clock.now())
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
