import type { ProblemCode } from '../../contract/page-state.ts'

export interface Problem {
  title: string
  text: string
  /** What the button says that starts the same request again, where the server still knows it. */
  restart: string
  /** What to do when neither that button nor a link to the app can be offered. */
  otherwise: string
}

const goBack = 'Go back to the app or site you came from and start from there.'
const tellThem = 'Go back to the site that sent you here. If this happens again, tell the people who run it.'

/** What happened, in words for the person it happened to, and the way on. */
export const problems: Record<ProblemCode, Problem> = {
  'interaction-unknown': {
    title: 'This page is no longer in use',
    text: 'The sign-in it belonged to is finished, or it was started in another browser.',
    restart: 'Start again',
    otherwise: goBack,
  },
  'interaction-expired': {
    title: 'This page has run out',
    text: 'It was open for a long time, so we closed it to keep your account safe. Nothing is lost.',
    restart: 'Carry on signing in',
    otherwise: goBack,
  },
  'request-expired': {
    title: 'This sign-in has run out',
    text: 'It was started too long ago to carry on from here.',
    restart: 'Start again',
    otherwise: goBack,
  },
  'client-unknown': {
    title: 'We don’t know this app',
    text: 'The app that sent you here isn’t registered with us, so we stopped before sharing anything.',
    restart: 'Try again',
    otherwise: tellThem,
  },
  'redirect-unregistered': {
    title: 'We stopped this sign-in',
    text: 'It would have ended at an address the app hasn’t registered. Your account is safe: nothing was shared.',
    restart: 'Try again',
    otherwise: tellThem,
  },
  'request-invalid': {
    title: 'The app asked in a way we can’t answer',
    text: 'Something in its request is missing or wrong. You did nothing wrong.',
    restart: 'Try again',
    otherwise: tellThem,
  },
  'sign-out-invalid': {
    title: 'We couldn’t sign you out this way',
    text: 'The link you followed is incomplete or too old. You may still be signed in.',
    restart: 'Sign out',
    otherwise: 'Go back to the app and sign out from there.',
  },
  'cross-site': {
    title: 'That came from another site',
    text: 'For your safety this only works from our own pages, so nothing was done.',
    restart: 'Carry on here',
    otherwise: goBack,
  },
  'page-not-found': {
    title: 'There is no page here',
    text: 'The address may have a typing mistake, or the page has moved.',
    restart: 'Start again',
    otherwise: goBack,
  },
  busy: {
    title: 'Many people are here right now',
    text: 'We can’t serve everyone at this moment. It usually passes quickly.',
    restart: 'Try again',
    otherwise: 'Wait a moment, then reload this page.',
  },
  failed: {
    title: 'Something went wrong on our side',
    text: 'It isn’t your fault, and nothing of yours is lost.',
    restart: 'Try again',
    otherwise: 'Reload this page. If it happens again, wait a few minutes.',
  },
}
