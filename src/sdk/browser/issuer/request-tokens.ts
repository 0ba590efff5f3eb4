import * as z from 'zod/mini'
import { TokenAnswer } from '../../../contract/token-answer.ts'
import { abortable } from '../../wire/abortable.ts'
import { AuthError } from '../../wire/auth-error.ts'
import type { Call } from '../../wire/call.ts'
import { type Refusals, readRefusal } from '../../wire/refusal.ts'
import { postForm } from './post-form.ts'
import type { TokenDeps } from './token-deps.ts'
import { type TokenSet, toTokenSet } from './token-set.ts'

/** One grant presented at the token endpoint. */
export interface TokenRequest {
  /** Grant parameters without `client_id`. */
  grant: Record<string, string>
  /** Key the tokens are bound to, if any. */
  key: CryptoKeyPair | undefined
  /** What a no means here. */
  refusals?: Refusals
  call?: Call
}

const sessionEnds: Refusals = { invalid_grant: 'session-ended' }

/**
 * Presents a grant at the token endpoint, with a proof and one retry when it names a nonce or shows our clock is wrong.
 *
 * @throws {AuthError} `session-ended` for `invalid_grant`, `refused` for other refusals (unless `refusals` knows more), or a
 * retryable code.
 */
export async function requestTokens(request: TokenRequest, deps: TokenDeps): Promise<TokenSet> {
  const { grant, key, refusals = sessionEnds, call } = request
  const { tokenEndpoint } = await abortable(deps.loadMetadata(), call?.signal)
  const { response, body } = await postForm({ url: tokenEndpoint, fields: grant, key, call }, deps)
  if (!response.ok) throw readRefusal({ response, body, now: deps.clock.now() }, refusals)
  const answer = z.safeParse(TokenAnswer, body)
  if (!answer.success) throw new AuthError('server', { status: response.status })
  return toTokenSet(answer.data, deps.clock.now())
}
