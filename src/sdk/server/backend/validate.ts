import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as z from 'zod/mini'
import { abortable } from '../../wire/abortable.ts'
import { argumentError } from '../../wire/arguments.ts'
import { AuthError } from '../../wire/auth-error.ts'
import type { Call } from '../../wire/call.ts'
import { tokenAlgorithms } from '../access-token.ts'
import { TokenError } from '../token-error.ts'
import type { IssuerClient } from './issuer-client.ts'
import { IntrospectionAnswer, toValidatedToken, type ValidatedToken } from './validated-token.ts'

/** What {@link validateToken} needs. */
export interface ValidateDeps {
  client: IssuerClient
  issuer: string
  findKey: JWTVerifyGetKey
  /** Epoch milliseconds. */
  now(): number
}

const longestToken = 16_384

/**
 * Asks the issuer about a token (RFC 7662).
 *
 * @throws {TokenError} `token-missing`, `token-expired`, `token-revoked` or `token-invalid`: it is not good.
 */
export async function validateToken(token: string, call: Call, deps: ValidateDeps): Promise<ValidatedToken> {
  checkToken('validate', token)
  const { label } = call
  if (!token) throw new TokenError('token-missing', 'There is no token.', { label })
  if (token.length > longestToken) throw new TokenError('token-invalid', 'The token is malformed.', { label })
  const request = { endpoint: 'introspectionEndpoint', fields: { token }, isRepeatable: true } as const
  const { body, status, issuerTime } = await deps.client.post(request, call)
  const answer = z.safeParse(IntrospectionAnswer, body)
  if (!answer.success) throw new AuthError('answer-invalid', { status, action: 'contact-support' })
  if (!answer.data.active) throw await abortable(whyNot(token, call, deps), call.signal)
  return toValidatedToken(answer.data, issuerTime)
}

/** Tokens come from outside, so that text of any kind is no mistake of the program. */
export function checkToken(call: string, token: unknown): void {
  if (typeof token !== 'string') throw argumentError(call, 'the token must be a text')
}

/** The issuer says no more than that; what it once signed tells the rest. */
async function whyNot(token: string, { label }: Call, { issuer, findKey, now }: ValidateDeps): Promise<TokenError> {
  const options = { issuer, typ: 'at+jwt', algorithms: tokenAlgorithms, currentDate: new Date(now()) }
  try {
    await jwtVerify(token, findKey, options)
    return new TokenError('token-revoked', 'The token was revoked, or its login has ended.', { label })
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) {
      return new TokenError('token-expired', 'The token has expired.', { label, cause })
    }
    return new TokenError('token-invalid', 'The token is not valid.', { label })
  }
}
