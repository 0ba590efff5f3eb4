import type { StepError } from '../../contract/page-state.ts'
import type { StepFailureReason } from './take-step.ts'

/** What a person reads when the server did not take a step. */
export function errorText({ code, retryAfterSeconds }: StepError): string {
  switch (code) {
    case 'wrong-credentials':
      return 'That username and password don’t match. Check both and try again.'
    case 'missing-username':
      return 'Enter your username or email.'
    case 'missing-password':
      return 'Enter your password.'
    case 'too-many-attempts':
      return `Too many attempts. To keep accounts safe, signing in is paused. Try again ${inWords(retryAfterSeconds)}.`
    case 'busy':
      return `Many people are here right now, so this didn’t go through. Try again ${inWords(retryAfterSeconds)}.`
  }
}

/** What a person reads when no usable answer came back. */
export const failureTexts: Record<StepFailureReason, string> = {
  unreachable: 'We couldn’t reach the server. Check your connection, then try again. Nothing you entered is lost.',
  'timed-out': 'The server is taking too long to answer. Try again. Nothing you entered is lost.',
  busy: 'Many people are here right now, so this didn’t go through. Wait a moment, then try again.',
  unreadable: 'We got an answer that makes no sense to us. Try again. Nothing you entered is lost.',
}

function inWords(seconds: number | undefined): string {
  if (seconds === undefined) return 'in a little while'
  if (seconds <= 60) return 'in a minute'
  return `in ${Math.ceil(seconds / 60)} minutes`
}
