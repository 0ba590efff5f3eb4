import type { UpstreamErrorCode } from '../../../contract/page-state.ts'
import { errors } from '../engine-errors.ts'

const RETRY_SECONDS = 5

/** What whoever asked may be told; why exactly is in the audit. */
const DESCRIPTIONS: Record<UpstreamErrorCode, string> = {
  'upstream-unavailable': 'the provider can’t be reached: try again in a moment',
  'upstream-denied': 'the person turned back at the provider',
  'upstream-failed': 'what the provider gave is not accepted',
  'upstream-expired': 'nothing waits for this answer',
  'upstream-no-account': 'this person has no account here',
  'upstream-account-exists': 'an account here has the same e-mail address: sign in to it at the portal',
  'upstream-email-unverified': 'the provider has not verified the e-mail address',
  'upstream-account-disabled': 'this account is disabled',
}

/** Why somebody a provider sent did not come in. Older APIs have a word for each, where OAuth has one for all. */
export class UpstreamSignInRefused extends errors.OIDCProviderError {
  readonly reason: UpstreamErrorCode
  readonly retryAfterSeconds: number | undefined

  constructor(reason: UpstreamErrorCode) {
    const isAway = reason === 'upstream-unavailable'
    const error = isAway ? 'temporarily_unavailable' : 'invalid_grant'
    super(isAway ? 503 : 400, error, { detail: reason })
    this.error = error
    this.error_description = DESCRIPTIONS[reason]
    this.reason = reason
    this.retryAfterSeconds = isAway ? RETRY_SECONDS : undefined
  }
}
