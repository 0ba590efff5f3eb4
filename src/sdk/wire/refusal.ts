import * as z from 'zod/mini'
import { AuthError, type AuthErrorCode, type Meaning, type RefusalCode } from './auth-error.ts'
import { readRetryAfter } from './send.ts'

/** What an issuer's words and statuses mean for one kind of request. */
export type Refusals = Readonly<Record<string, AuthErrorCode>>

const meanings: Record<RefusalCode, Meaning> = {
  // The same again fails again; typing again may not.
  'wrong-credentials': { retryable: false, action: 'retry', message: 'The user name or the password is not right.' },
  'password-expired': { retryable: false, action: 'reset-password', message: 'The password has expired.' },
  'password-insecure': {
    retryable: false,
    action: 'reset-password',
    message: 'The password is no longer good enough.',
  },
  'account-unusable': { retryable: false, action: 'contact-admin', message: 'This account can not be used.' },
  'role-not-held': { retryable: false, action: 'contact-admin', message: 'A role that this needs is not held.' },
  'member-unknown': { retryable: false, action: 'contact-admin', message: 'There is no such member.' },
  'company-refused': {
    retryable: false,
    action: 'contact-admin',
    message: 'The person does not act for this company.',
  },
  'client-refused': {
    retryable: false,
    action: 'fix-configuration',
    message: 'The client, its secret, or its use of this grant is not accepted.',
  },
}

/** What means the same whatever a server asks for: words of RFC 6749 section 5.2, ours, and those of older envelopes. */
export const knownRefusals: Refusals = {
  invalid_client: 'client-refused',
  unauthorized_client: 'client-refused',
  unsupported_grant_type: 'client-refused',
  invalid_scope: 'role-not-held',
  access_denied: 'account-unusable',
  'credentials-wrong': 'wrong-credentials',
  'account-disabled': 'account-unusable',
  'password-expired': 'password-expired',
  'password-insecure': 'password-insecure',
  'locked-out': 'rate-limited',
  'Auth.InvalidUsernameOrPassword': 'wrong-credentials',
  'Auth.UsernameAndPasswordRequired': 'wrong-credentials',
  'Auth.PasswordExpired': 'password-expired',
  'Auth.InsecurePassword': 'password-insecure',
  'PasswordReset.InsecurePassword': 'password-insecure',
  'Auth.InsufficientRole': 'role-not-held',
  'Auth.UserNotActive': 'account-unusable',
  'Auth.SellerNotActive': 'account-unusable',
  'Auth.LockedOut': 'rate-limited',
}

/** Said with 400, and meaning "later" (RFC 6749 section 4.1.2.1). */
const temporary = ['temporarily_unavailable', 'server_error', 'use_dpop_nonce']

/** Every form in which an issuer says no; each has its own place for the word, if it has one. */
const RefusalBody = z.object({
  /** RFC 6749 section 5.2. */
  error: z.optional(z.unknown()),
  /** RFC 9457, with our closed list of codes; the status alone in another. */
  code: z.optional(z.unknown()),
  status: z.optional(z.unknown()),
  Errors: z.optional(z.catch(z.array(z.object({ ErrorCode: z.string() })), [])),
  success: z.optional(z.unknown()),
})
type RefusalBody = z.infer<typeof RefusalBody>

/** An answer that is no success. */
export interface RefusedAnswer {
  response: Response
  /** The parsed body, undefined when it was no JSON. */
  body: unknown
  /** Time at the issuer, in epoch milliseconds. */
  now: number
}

/**
 * Reads why an issuer said no, in whichever form: OAuth's (RFC 6749 section 5.2), problem details (RFC 9457), a list of
 * errors, `success: false`, an empty body or a proxy's page. `refusals` says what its words and statuses mean here.
 */
export function readRefusal({ response, body, now }: RefusedAnswer, refusals: Refusals): AuthError {
  const { status } = response
  const retryAfterSeconds = readRetryAfter(response, now)
  const parsed = z.safeParse(RefusalBody, body)
  const found = wordsOf(parsed.data)
  const oauthError = found.find((word) => /^[a-z_]+$/.test(word))
  const details = { status, oauthError, retryAfterSeconds }
  if (status === 429) return new AuthError('rate-limited', details)
  // Anything in no form of an issuer comes from a proxy or a deploy in progress, and says nothing about the request.
  if (status >= 500 || !isRefusal(parsed.data, found) || found.some((word) => temporary.includes(word))) {
    return new AuthError('server', details)
  }
  const word = [...found, String(status)].find((one) => Object.hasOwn(refusals, one))
  return refusal((word && refusals[word]) || 'refused', details)
}

/** Makes the error of a refusal, with what it means. */
export function refusal(code: AuthErrorCode, details: ConstructorParameters<typeof AuthError>[1] = {}): AuthError {
  return new AuthError(code, { ...meanings[code as RefusalCode], ...details })
}

/** From the most exact to the least. */
function wordsOf({ Errors = [], code, error }: RefusalBody = {}): string[] {
  return [...Errors.map(({ ErrorCode }) => ErrorCode), code, error].filter((word) => typeof word === 'string')
}

function isRefusal(body: RefusalBody | undefined, found: string[]): boolean {
  return found.length > 0 || body?.success === false || typeof body?.status === 'number'
}
