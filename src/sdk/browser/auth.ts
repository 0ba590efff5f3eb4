import type { CallOptions } from '../wire/call.ts'
import type { AuthState, GuestUpgrade } from './auth-state.ts'

/** Options of {@link Auth.signIn}. */
export interface SignInOptions {
  /**
   * Where to end, as path, query and hash of this origin; by default the page the person is on.
   * An address of another origin is ignored, so a value from the address bar may be passed as it is.
   */
  returnTo?: string
  /** `login` asks for the password again, `none` never shows a page (OpenID Connect Core section 3.1.2.1). */
  prompt?: 'login' | 'none' | 'consent' | 'select_account'
  /** Fills the name field of the sign-in page. */
  loginHint?: string
}

/** What a person typed into a form of this page, for {@link Auth.signInWithPassword}. */
export interface PasswordSignIn {
  /** Username or e-mail. */
  readonly username: string
  readonly password: string
  /**
   * Scope values and roles to ask for; `openid` is always asked.
   *
   * @defaultValue the `scope` of `createAuth`
   */
  readonly scope?: readonly string[]
  /** Roles of your own, asked for beside `scope`. */
  readonly customRoles?: readonly string[]
}

/**
 * How far a sign-out reaches.
 *
 * - `browser`: this app, the portal's session and every app signed in through it in this browser.
 * - `app`: this app in this browser; the portal still knows the person, so signing in again needs no password.
 * - `everywhere`: every browser and device, and every app signed in there.
 */
export type SignOutScope = 'browser' | 'app' | 'everywhere'

/** Options of {@link Auth.signOut}. */
export interface SignOutOptions {
  /** @defaultValue `'browser'` */
  scope?: SignOutScope
}

/** Options of {@link Auth.getAccessToken}. */
export interface GetAccessTokenOptions {
  /** Stops this caller's waiting; a renewal others wait for goes on. */
  signal?: AbortSignal
}

/** The request {@link Auth.headers} are for. */
export interface RequestDescription {
  /** HTTP method, for example `POST`. */
  method: string
  /** Address the request goes to; relative ones are read from this page. */
  url: string | URL
}

/** A sign-in client: a store of who is here, and functions that stay the same for its whole life. */
export interface Auth {
  /** Answers who is here; the same object until something changes. */
  readonly getState: () => AuthState
  /** Calls back after each change; answers the function that ends it. */
  readonly subscribe: (listener: () => void) => () => void
  /**
   * Leads the person to the portal to sign in. Safe to call twice; waits for a sign-out under way. A guest takes what is
   * kept under their `sessionId` along, and stays a guest if they turn back.
   *
   * @throws {AuthError} when the portal can't be reached, before the page is left.
   */
  readonly signIn: (options?: SignInOptions) => Promise<void>
  /**
<<<<<<< HEAD
   * Signs a person in with what they typed into this page (RFC 6749 section 4.3), for apps that hold the `password` grant. A
   * guest comes along, as with `signIn`; whoever was here stays if it fails. The portal is not involved, so it knows nobody
   * afterwards: sign out with `scope: 'app'`.
   *
   * @throws {AuthError} `wrong-credentials`, `account-unusable`, `password-expired`, `password-insecure`, `role-not-held`,
   * `rate-limited` after too many failures, `argument-invalid`, `client-refused`, or a retryable code; the reason of the
   * signal.
   */
  readonly signInWithPassword: (typed: PasswordSignIn, options?: CallOptions) => Promise<void>
  /**
   * Signs the person out: everything kept here goes first, in every tab, then the portal's session. With guests a new
   * one follows.
=======
   * Signs the person out: everything kept here goes first, in every tab, then what the scope names ends at the portal,
   * which tells the other apps. With guests a new one follows.
>>>>>>> ea68e1a (feat(sdk): signOut({ scope: 'everywhere' }))
   *
   * @throws {AuthError} when the portal can't be reached; this app is signed out by then, the rest is not.
   */
  readonly signOut: (options?: SignOutOptions) => Promise<void>
  /**
   * Answers an access token that is good now, renewing it when needed (once, for all tabs). With guests there always is
   * one: the first call waits for it.
   *
   * @throws {AuthError} `not-signed-in`, `session-ended`, or a retryable code while the issuer is away or makes no guests.
   */
  readonly getAccessToken: (options?: GetAccessTokenOptions) => Promise<string>
  /**
   * Sends a request with the access token and its proof (RFC 9449); a 401 is answered by one renewal and one retry.
   *
   * Redirects are not followed: a token goes to the address you name and nowhere else.
   *
   * @throws {AuthError} as {@link Auth.getAccessToken}; network errors of the request itself are the browser's.
   */
  readonly fetch: (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>
  /** Answers the headers one request needs, for axios, GraphQL clients and the like. */
  readonly headers: (request: RequestDescription) => Promise<Record<string, string>>
  /**
   * Acts for another company from now on, or for none with `null`: in every tab, after a reload, and at each renewal.
   * Until it resolves, tokens are for the one before; then no token of that one is handed out any more.
   *
   * @throws {AuthError} `company-refused` when the person may not act for it, `not-signed-in`, or a retryable code; they
   * act for whom they acted before.
   */
  readonly switchCompany: (company: string | null) => Promise<void>
  /** Tells whether the member signed in holds a role, for deciding what to show. */
  readonly hasRole: (role: string) => boolean
  /**
   * Ends this guest and begins a new visit, in every tab: for devices that people share.
   *
   * @throws {AuthError} `configuration` without `guest: true` or while somebody is signed in; a retryable code when no
   * new guest can be had now, which is tried again by itself. The old one is gone from this browser in any case.
   */
  readonly newGuest: () => Promise<void>
  /** Answers how far the news has got that the guest of before is now this member. */
  readonly getGuestUpgrade: () => GuestUpgrade
  /**
   * Calls back after each change of {@link Auth.getGuestUpgrade}; answers the function that ends it. While it is
   * `pending` and somebody listens, the issuer is asked at growing intervals; otherwise nothing is sent.
   */
  readonly watchGuestUpgrade: (listener: () => void) => () => void
}
