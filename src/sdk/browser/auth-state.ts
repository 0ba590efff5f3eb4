import type { AuthError } from '../wire/auth-error.ts'

/** The person signed in, as the ID token describes them. */
export interface AuthUser {
  /** Stable, never reused identifier of the person at this issuer. */
  readonly sub: string
  readonly name?: string
  readonly username?: string
  readonly email?: string
  readonly emailVerified?: boolean
  /** The companies this person may act for, if any. */
  readonly companies?: readonly string[]
  /** Address of a picture; show it as an image source only. */
  readonly picture?: string
}

/**
 * Why nobody is signed in, where there is something to tell.
 *
 * - `denied`: the person chose not to allow the app.
 * - `session-ended`: the issuer ended the session; told once.
 * - `signed-out`: somebody signed out, here or in another tab.
 * - `storage-unavailable`: this browser keeps nothing, so a sign-in lasts until the page is closed.
 */
export type SignedOutReason = 'denied' | 'session-ended' | 'signed-out' | 'storage-unavailable'

/**
 * Why this guest is here, where there is something to tell.
 *
 * - `replaced`: the issuer no longer knows the guest of before, so a new visit has begun; what was kept under the old
 *   `sessionId` is out of reach.
 * - `sign-in-failed`: a sign-in could not be completed; `error` says why and whether trying again may help.
 * - the others: what led here, as for {@link SignedOutState}.
 */
export type GuestReason = SignedOutReason | 'replaced' | 'sign-in-failed'

/**
 * What there is to tell about a member.
 *
 * - `company-lost`: they may no longer act for the company they had chosen, and act for none now; told until they choose.
 */
export type MemberReason = 'company-lost'

/**
 * Why it can't be said who is here.
 *
 * - `network`: the issuer could not be reached, for a sign-in on its way back or for a guest.
 * - `server`: the issuer is failing or busy.
 * - `guest-limit`: the issuer makes no more guests for this network for now; signing in works.
 * - `storage`: the browser's storage does not answer.
 * - `other-site`: the portal is on another site, whose session a hidden frame of this page can't see; `signIn()` can.
 */
export type UnknownReason = 'network' | 'server' | 'guest-limit' | 'storage' | 'other-site'

/**
 * How far the news has got that the guest of before is now this member.
 *
 * - `none`: this member was no guest here.
 * - `pending`: your API has not heard yet.
 * - `done`: it has.
 * - `failed`: it refused several times; the issuer keeps trying.
 */
export type GuestUpgrade = 'none' | 'pending' | 'done' | 'failed'

/** The start, before the browser's storage has answered: show neither signed in nor signed out. */
export interface LoadingState {
  readonly status: 'loading'
}

/** Somebody who has not signed in, with a token of their own all the same. */
export interface GuestState {
  readonly status: 'guest'
  /** Identifier of this guest; a member has another. */
  readonly sub: string
  /** Names this visit across guest and member. */
  readonly sessionId: string
  readonly reason?: GuestReason
  /** With the reason `sign-in-failed`. */
  readonly error?: AuthError
}

/** Somebody is signed in. */
export interface MemberState {
  readonly status: 'member'
  readonly user: AuthUser
  /** Roles held, for deciding what to show; an API decides by the token. */
  readonly roles: readonly string[]
  /** The company the person acts for, where they chose one. */
  readonly company?: string
  /** Names this visit across guest and member. */
  readonly sessionId: string
  readonly reason?: MemberReason
}

/** Nobody is here. With guests this is seen for a moment at most, until the next one is. */
export interface SignedOutState {
  readonly status: 'signed-out'
  readonly reason?: SignedOutReason
}

/** It can't be said right now who is here: don't redirect, offer to try again. With guests that happens by itself. */
export interface UnknownState {
  readonly status: 'unknown'
  readonly reason: UnknownReason
}

/** A sign-in failed for good, or no guest can ever be had. */
export interface ErrorState {
  readonly status: 'error'
  readonly error: AuthError
}

/** Who is here, by `status`. */
export type AuthIdentity = LoadingState | GuestState | MemberState | SignedOutState | UnknownState | ErrorState

/**
 * A snapshot of who is here: immutable, and the same object until something changes.
 *
 * `isRefreshing` is true while a token is renewed in the background; the rest of the state stays as it is.
 */
export type AuthState = AuthIdentity & { readonly isRefreshing: boolean }

/** The state before anything is known, also the snapshot of a server. */
export const loadingState: AuthState = Object.freeze({ status: 'loading', isRefreshing: false })
