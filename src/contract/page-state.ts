import * as z from 'zod/mini'

/** The shop or community a page speaks for. */
export const TenantView = z.object({
  /** Path segment of the tenant, `^[a-z][a-z0-9]{2,15}$`. */
  id: z.string(),
  /** What people call it, shown as text. */
  name: z.string(),
})
export type TenantView = z.infer<typeof TenantView>

/** The app that asks a person to sign in (RFC 7591 client metadata, shown as text). */
export const ClientView = z.object({
  name: z.string(),
  /** The app's home page, https or loopback http. */
  uri: z.optional(z.string()),
  policyUri: z.optional(z.string()),
  tosUri: z.optional(z.string()),
})
export type ClientView = z.infer<typeof ClientView>

/** The person signed in to the portal. */
export const PersonView = z.object({ name: z.string(), username: z.string() })
export type PersonView = z.infer<typeof PersonView>

/**
 * Why somebody who went to another provider to sign in did not come in.
 * - `upstream-unavailable`: it could not be reached, or said it can't serve anybody now.
 * - `upstream-denied`: the person turned back there.
 * - `upstream-failed`: what it answered can't be trusted, or was an error.
 * - `upstream-expired`: nothing waits for this answer: it came late, or a second time.
 * - `upstream-no-account`: the person has no account here, and none is made.
 * - `upstream-account-exists`: their address belongs to an account that they can't connect.
 * - `upstream-email-unverified`: the provider has not verified their address.
 * - `upstream-account-disabled`: their account here can't be used.
 */
const UpstreamErrorCode = z.enum([
  'upstream-unavailable',
  'upstream-denied',
  'upstream-failed',
  'upstream-expired',
  'upstream-no-account',
  'upstream-account-exists',
  'upstream-email-unverified',
  'upstream-account-disabled',
])
export type UpstreamErrorCode = z.infer<typeof UpstreamErrorCode>

/**
 * Why the step a person just took did not go through. Never says which half of a sign-in was wrong.
 * - `wrong-credentials`: the name or the password does not fit.
 * - `account-disabled`: both fit, and nobody may sign in with them any more.
 * - `missing-username`, `missing-password`: a field was left empty.
 * - `too-many-attempts`: sign-in is paused for this name or network.
 * - `busy`: the server can't check passwords right now.
 */
export const StepError = z.object({
  code: z.enum([
    'wrong-credentials',
    'account-disabled',
    'missing-username',
    'missing-password',
    'too-many-attempts',
    'busy',
    ...UpstreamErrorCode.options,
  ]),
  retryAfterSeconds: z.optional(z.int()),
  /** With `upstream-…`: what people call the provider. */
  upstream: z.optional(z.string()),
})
export type StepError = z.infer<typeof StepError>

/** Another provider to sign in through. */
export const UpstreamView = z.object({
  /** What a step names it by. */
  name: z.string(),
  /** What people call it, shown as text. */
  label: z.string(),
})
export type UpstreamView = z.infer<typeof UpstreamView>

const step = {
  tenant: TenantView,
  client: ClientView,
  /** Address this page's form posts to: the page's own path. */
  action: z.string(),
  /** The resolved authorization request, sealed by the server: revives an interaction that ended. */
  sealedRequest: z.string(),
  error: z.optional(StepError),
}

/** Username and password are asked for, or another provider to sign in through. */
export const SignInPage = z.object({
  page: z.literal('sign-in'),
  ...step,
  /** Prefilled name: the last one typed, else `login_hint`. */
  username: z.string(),
  /** Why the page shows although somebody may be signed in: the app asked for it, or the last page ran out. */
  notice: z.optional(z.enum(['sign-in-again', 'continued'])),
  upstreams: z.array(UpstreamView),
  /** The person comes from a provider, and an account has the same address: signing in to it connects the two. */
  connect: z.optional(z.object({ upstream: UpstreamView, email: z.string() })),
})
export type SignInPage = z.infer<typeof SignInPage>

/** Allow or deny what the app asks for. */
export const ConsentPage = z.object({
  page: z.literal('consent'),
  ...step,
  person: PersonView,
  /** Scope values not yet allowed, e.g. `profile`, `email`, `Shopper`. */
  scopes: z.array(z.string()),
})
export type ConsentPage = z.infer<typeof ConsentPage>

/** On the way to another provider, for browsers that don't run our script. */
export const LeavingPage = z.object({
  page: z.literal('leaving'),
  tenant: TenantView,
  /** Where the person is going. */
  address: z.string(),
})
export type LeavingPage = z.infer<typeof LeavingPage>

/** Asks before signing out, because the request did not prove whose session it ends. */
export const SignOutPage = z.object({
  page: z.literal('sign-out'),
  tenant: TenantView,
  client: z.optional(ClientView),
  /** Address the form posts to. */
  action: z.string(),
  /** Hidden fields the form carries; the button pressed adds `logout=browser` or `logout=everywhere`. */
  fields: z.record(z.string(), z.string()),
  /** What the app asked for: this browser, or every one. */
  scope: z.enum(['browser', 'everywhere']),
  /** Names of the apps that this ends. */
  apps: z.array(z.string()),
  /** Address (same-origin path) that asks about every browser instead. */
  widen: z.optional(z.string()),
  person: z.optional(PersonView),
})
export type SignOutPage = z.infer<typeof SignOutPage>

/** Signed out, and no app to go back to was named. */
export const SignedOutPage = z.object({
  page: z.literal('signed-out'),
  tenant: TenantView,
  client: z.optional(ClientView),
  /** Signing out everywhere was asked for: it is done, or nobody could say whose it would be. */
  elsewhere: z.optional(z.enum(['ended', 'unchanged'])),
})
export type SignedOutPage = z.infer<typeof SignedOutPage>

/** Every way a person can end up on a page that is not a step. */
export const ProblemCode = z.enum([
  'interaction-unknown',
  'interaction-expired',
  'request-expired',
  'client-unknown',
  'redirect-unregistered',
  'request-invalid',
  'sign-out-invalid',
  'cross-site',
  'page-not-found',
  'busy',
  'failed',
])
export type ProblemCode = z.infer<typeof ProblemCode>

/** Says what happened and offers the way on. */
export const ProblemPage = z.object({
  page: z.literal('problem'),
  tenant: z.optional(TenantView),
  client: z.optional(ClientView),
  problem: ProblemCode,
  /** Start the same request again (same-origin path), when the server still knows it. */
  restart: z.optional(z.string()),
  /** What to quote to support. */
  requestId: z.string(),
})
export type ProblemPage = z.infer<typeof ProblemPage>

/** Everything the portal can show: rendered on the server, hydrated in the browser. */
export const PageState = z.discriminatedUnion('page', [
  SignInPage,
  ConsentPage,
  LeavingPage,
  SignOutPage,
  SignedOutPage,
  ProblemPage,
])
export type PageState = z.infer<typeof PageState>

/** What the server passes beside the state when it renders a page. */
export interface RenderOptions {
  /** CSP nonce for every script and style element of this answer. */
  nonce: string
  /** BCP 47 tag of the page's language. */
  locale: string
  /** `auto` follows the visitor's system. */
  theme: 'auto' | 'light' | 'dark'
}

/** The signature of `render` in `dist/portal/render.js`: a whole HTML document. */
export type RenderPage = (state: PageState, options: RenderOptions) => string
