import * as z from 'zod/mini'
import { TokenAnswer } from '../../../contract/token-answer.ts'
import { AuthError } from '../../wire/auth-error.ts'
import type { Call } from '../../wire/call.ts'
import type { IssuerClient, IssuerRequest } from './issuer-client.ts'
import { type TokenSet, toTokenSet } from './token-set.ts'

/** One grant, as it goes out. */
export interface GrantRequest extends Omit<IssuerRequest, 'endpoint'> {
  /** Whether its answer may be kept, and be given to whoever asks for the same. */
  isShareable: boolean
}

/**
 * Presents a grant at the token endpoint.
 *
 * @throws {AuthError} `answer-invalid` for a success without tokens, and what {@link IssuerClient.post} throws.
 */
export async function requestTokens(request: GrantRequest, call: Call, client: IssuerClient): Promise<TokenSet> {
  const { body, sentAt, status } = await client.post({ endpoint: 'tokenEndpoint', ...request }, call)
  const answer = z.safeParse(TokenAnswer, body)
  if (answer.success) return toTokenSet(answer.data, sentAt)
  throw new AuthError('answer-invalid', { status, action: 'contact-support' })
}
