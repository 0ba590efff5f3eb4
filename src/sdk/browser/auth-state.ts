import type { AuthError } from './auth-error.ts'

/** The person signed in, as the ID token describes them. */
export interface AuthUser {
  /** Stable, never reused identifier of the person at this issuer. */
  readonly sub: string
  readonly name?: string
  readonly username?: string
  readonly email?: string
  readonly emailVerified?: boolean
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
 * Why it can't be said whether somebody is signed in.
 *
 * - `network`: a sign-in was on its way back and the issuer could not be reached.
 * - `server`: a sign-in was on its way back and the issuer is failing or busy.
 * - `storage`: the browser's storage does not answer.
 */
export type UnknownReason = 'network' | 'server' | 'storage'

/** The start, before the browser's storage has answered: show neither signed in nor signed out. */
export interface LoadingState {
  readonly status: 'loading'
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
}

/** Nobody is signed in. */
export interface SignedOutState {
  readonly status: 'signed-out'
  readonly reason?: SignedOutReason
}

/** It can't be said right now whether somebody is signed in: don't redirect, offer to try again. */
export interface UnknownState {
  readonly status: 'unknown'
  readonly reason: UnknownReason
}

/** A sign-in failed for good. */
export interface ErrorState {
  readonly status: 'error'
  readonly error: AuthError
}

/** Who is here, by `status`. */
export type AuthIdentity = LoadingState | MemberState | SignedOutState | UnknownState | ErrorState

/**
 * A snapshot of who is here: immutable, and the same object until something changes.
 *
 * `isRefreshing` is true while a token is renewed in the background; the rest of the state stays as it is.
 */
export type AuthState = AuthIdentity & { readonly isRefreshing: boolean }

/** The state before anything is known, also the snapshot of a server. */
export const loadingState: AuthState = Object.freeze({ status: 'loading', isRefreshing: false })
