import { errors } from '../engine-errors.ts'

/** Status, error (RFC 6749 section 5.2) and what whoever asked may be told. */
const ANSWERS = {
  /** Also where nobody has the name: an answer must not show whether somebody does. */
  'credentials-wrong': [400, 'invalid_grant', 'the username or the password is wrong'],
  'account-disabled': [400, 'invalid_grant', 'this account is disabled'],
  'locked-out': [429, 'slow_down', 'too many sign-ins have failed: try again later'],
  busy: [429, 'slow_down', 'too many people are signing in: try again in a moment'],
} as const

/** Why credentials got nobody in. Older APIs have a word for each, where OAuth has one for all. */
export class SignInRefused extends errors.OIDCProviderError {
  readonly reason: keyof typeof ANSWERS
  readonly retryAfterSeconds: number | undefined

  constructor(reason: keyof typeof ANSWERS, retryAfterSeconds?: number) {
    const [status, error, description] = ANSWERS[reason]
    super(status, error, { detail: reason })
    this.error = error
    this.error_description = description
    this.reason = reason
    this.retryAfterSeconds = retryAfterSeconds
  }
}
