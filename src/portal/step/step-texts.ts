import type { StepError } from '../../contract/page-state.ts'
import type { StepFailureReason } from './take-step.ts'

/** What a person reads when the server did not take a step. */
export function errorText({ code, retryAfterSeconds, upstream = 'the other provider' }: StepError): string {
  switch (code) {
    case 'wrong-credentials':
      return 'That username and password don’t match. Check both and try again.'
    case 'account-disabled':
      return 'This account is disabled, so nobody can sign in with it. Ask whoever runs this site for help.'
    case 'missing-username':
      return 'Enter your username or email.'
    case 'missing-password':
      return 'Enter your password.'
    case 'too-many-attempts':
      return `Too many attempts. To keep accounts safe, signing in is paused. Try again ${inWords(retryAfterSeconds)}.${otherWayIn(retryAfterSeconds)}`
    case 'busy':
      return `Many people are here right now, so this didn’t go through. Try again ${inWords(retryAfterSeconds)}.`
    case 'upstream-unavailable':
      return `We can’t reach ${upstream} right now. Sign in another way, or try again in a minute.`
    case 'upstream-denied':
      return `You turned back at ${upstream}, so you’re not signed in. Try again, or sign in another way.`
    case 'upstream-failed':
      return `Signing in with ${upstream} didn’t work, and nothing was changed. Try again, or sign in another way.`
    case 'upstream-expired':
      return `That visit to ${upstream} has run out or was used already. Try again, or sign in another way.`
    case 'upstream-no-account':
      return `There’s no account here for the one you have at ${upstream}. If you have another account, sign in with that.`
    case 'upstream-account-exists':
      return `An account with the same email address is here already. Sign in the way you did before, not with ${upstream}.`
    case 'upstream-email-unverified':
      return `${upstream} hasn’t confirmed your email address yet. Confirm it there, then try again, or sign in another way.`
    case 'upstream-account-disabled':
      return `The account you have here can’t be used at the moment. Ask the people who run this site.`
  }
}

/** What a person reads when no usable answer came back. */
export const failureTexts: Record<StepFailureReason, string> = {
  unreachable: 'We couldn’t reach the server. Check your connection, then try again. Nothing you entered is lost.',
  'timed-out': 'The server is taking too long to answer. Try again. Nothing you entered is lost.',
  busy: 'Many people are here right now, so this didn’t go through. Wait a moment, then try again.',
  unreadable: 'We got an answer that makes no sense to us. Try again. Nothing you entered is lost.',
}

const LONG_SECONDS = 600
const HOURS_FROM_SECONDS = 7_200

function inWords(seconds: number | undefined): string {
  if (seconds === undefined) return 'in a little while'
  if (seconds <= 60) return 'in a minute'
  return seconds < HOURS_FROM_SECONDS
    ? `in ${Math.ceil(seconds / 60)} minutes`
    : `in ${Math.ceil(seconds / 3600)} hours`
}

/** What strangers can close for long, they can't close in a browser the person has used. */
function otherWayIn(seconds = 0): string {
  return seconds > LONG_SECONDS ? ' A browser you’ve signed in with before may let you in sooner.' : ''
}
