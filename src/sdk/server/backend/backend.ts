import type { CallOptions } from '../../wire/call.ts'
import type { ClientCredentials } from './client-credentials.ts'
import type { ElevatedLogin } from './elevated-login.ts'
import type { MemberToken } from './member-token.ts'
import type { Refresh } from './refresh.ts'
import type { TokenSet } from './token-set.ts'
import type { ValidatedToken } from './validated-token.ts'

/**
 * What a server with a client secret may do at the issuer. Every call takes a signal, a time limit and a label, checks its
 * arguments before anything is sent, and leaves the objects it is given as they are.
 *
 * What may be sent twice is: up to three times, after a network failure, or after 503 with a Retry-After of five seconds at
 * most. A sign-in by password and a token that takes a guest along are sent once.
 */
export interface Backend {
  /**
   * Signs a person in by the password they gave you (RFC 6749 section 4.3).
   *
   * @throws {AuthError} `wrong-credentials`, `account-unusable`, `password-expired`, `password-insecure`, `role-not-held`,
   * `rate-limited` after too many failures, `argument-invalid`, `client-refused`, or a retryable code.
   * @example
   * const tokens = await backend.elevatedLogin({ username, password, scope: ['Shopper'] })
   */
  readonly elevatedLogin: (request: ElevatedLogin, options?: CallOptions) => Promise<TokenSet>
  /**
   * Answers a token for this client itself (RFC 6749 section 4.4), the same one until five minutes before its end.
   *
   * @throws {AuthError} `role-not-held`, `argument-invalid`, `client-refused`, or a retryable code.
   * @example
   * const { accessToken } = await backend.clientCredentials({ scope: ['orders:read'] })
   */
  readonly clientCredentials: (request?: ClientCredentials, options?: CallOptions) => Promise<TokenSet>
  /**
   * Answers a token for a member, the same one until five minutes before its end. Only the first caller gets the refresh token
   * that comes with it: to hand tokens to a person's devices, ask with `cache: false`, so that each has its own.
   *
   * @throws {AuthError} `member-unknown`, `account-unusable`, `role-not-held`, `argument-invalid`, `client-refused`,
   * `rate-limited`, or a retryable code.
   * @example
   * const { accessToken } = await backend.memberToken({ memberId: order.memberId })
   */
  readonly memberToken: (request: MemberToken, options?: CallOptions) => Promise<TokenSet>
  /**
   * Renews tokens (RFC 6749 section 6). Keep the `refreshToken` it answers in place of the one presented.
   *
   * @throws {AuthError} `session-ended` when there is nothing to renew any more, `company-refused`, `role-not-held`,
   * `argument-invalid`, `client-refused`, or a retryable code that leaves the session as it is.
   */
  readonly refresh: (request: Refresh, options?: CallOptions) => Promise<TokenSet>
  /**
   * Ends a token, and with a refresh token its login (RFC 7009). One that is unknown or has ended is no error.
   *
   * @throws {AuthError} `argument-invalid`, `client-refused`, or a retryable code: it has not been ended then.
   */
  readonly revoke: (token: string, options?: CallOptions) => Promise<void>
  /**
   * Asks the issuer whether a token is good at this moment, and what it says (RFC 7662). An API that checks tokens with every
   * request is better off with `createVerifier`, which asks nobody.
   *
   * @throws {TokenError} `token-missing`, `token-expired`, `token-revoked` or `token-invalid`, with what to answer.
   * @throws {AuthError} `argument-invalid`, `client-refused`, or a retryable code: nothing is known about the token then.
   */
  readonly validate: (token: string, options?: CallOptions) => Promise<ValidatedToken>
}
