import { AuthError } from '../wire/auth-error.ts'
import { scopeProblem } from '../wire/scope.ts'
import { addressProblem, issuerProblem } from '../wire/web-address.ts'

/** Options of {@link createAuth}. */
export interface AuthOptions {
  /** The tenant's issuer, for example `https://id.example.com/demo`. */
  issuer: string
  /** The app's client id at the issuer. */
  clientId: string
  /** Address the portal sends people back to, as registered; a page of this app that nothing else uses. */
  redirectUri: string
  /**
   * Address the portal sends people to after signing out, as registered.
   *
   * @defaultValue the folder of `redirectUri`: `https://shop.example/` for `https://shop.example/callback`
   */
  postLogoutRedirectUri?: string
  /**
   * Scope values and roles to ask for; `openid` is always asked.
   *
   * @defaultValue `['openid', 'profile', 'email']`
   */
  scope?: readonly string[]
  /**
   * How long a sign-in lasts: on this device, until the browser closes, or until the page closes.
   *
   * @defaultValue `'device'`
   */
  persist?: 'device' | 'session' | 'memory'
  /**
   * Binds tokens to a key this browser can use but not export (RFC 9449).
   *
   * @defaultValue `true`
   */
  dpop?: boolean
  /**
   * Gives whoever has not signed in a guest's token, so that there always is one. The client needs the guest grant.
   *
   * @defaultValue `false`
   */
  guest?: boolean
  /**
   * Signs in without a page at start, where nobody is here and the portal knows the person; and again where the portal has
   * ended this app's tokens but not its own session.
   *
   * - `off`: never by itself. `signIn()` asks for no password all the same, and `signIn({ prompt: 'none' })` for no page.
   * - `frame`: in a hidden frame, where the portal is on this page's site. Elsewhere browsers hide the portal's session
   *   from frames, so the state is `unknown` for the reason `other-site`.
   * - `redirect`: there, by leaving for the portal and coming straight back, once in the life of a tab.
   *
   * A sign-out here is never undone this way.
   *
   * @defaultValue `'off'`
   */
  silentSignIn?: 'off' | 'frame' | 'redirect'
  /** Currency of a guest's visit, copied into their tokens; told when the visit begins. */
  currency?: string
  /** Site of a guest's visit. */
  site?: string
  /** Language of a guest's visit. */
  language?: string
  /** What an outside tracker calls this visitor: in a guest's tokens as `anonuserid`, in the event as `tracking_id`. */
  trackingId?: string
}

/** Checked options, each with its value. */
export interface ResolvedOptions {
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri: URL
  readonly homeUri: URL
  readonly scope: readonly string[]
  readonly persist: 'device' | 'session' | 'memory'
  readonly dpop: boolean
  readonly silentSignIn: 'off' | 'frame' | 'redirect'
  /** What a guest's visit is begun with, by its names on the wire; undefined without guests. */
  readonly visit: Readonly<Record<string, string>> | undefined
}

/** What the guest grant calls the options that tell about a visit. */
const visitParameters = { currency: 'currency', site: 'site', language: 'language', trackingId: 'anonuserid' } as const
const known = [
  ...[
    'issuer',
    'clientId',
    'redirectUri',
    'postLogoutRedirectUri',
    'scope',
    'persist',
    'dpop',
    'guest',
    'silentSignIn',
  ],
  ...Object.keys(visitParameters),
]
const persistences = ['device', 'session', 'memory']
const silences = ['off', 'frame', 'redirect']

/**
 * Checks the options of `createAuth` and fills in the defaults.
 *
 * @throws {AuthError} `configuration`, naming the option.
 */
export function resolveOptions(options: AuthOptions): ResolvedOptions {
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown) fail(unknown, `is not an option; there are ${known.join(', ')}`)
  check('issuer', issuerProblem(options.issuer))
  if (typeof options.clientId !== 'string' || !options.clientId) fail('clientId', 'must be a non-empty string')
  const redirectUri = webAddress('redirectUri', options.redirectUri)
  const home = options.postLogoutRedirectUri
  const { persist = 'device', dpop = true, silentSignIn = 'off' } = options
  if (!persistences.includes(persist)) fail('persist', `must be one of ${persistences.join(', ')}`)
  if (typeof dpop !== 'boolean') fail('dpop', 'must be true or false')
  if (!silences.includes(silentSignIn)) fail('silentSignIn', `must be one of ${silences.join(', ')}`)
  return {
    issuer: options.issuer,
    clientId: options.clientId,
    redirectUri,
    homeUri: home === undefined ? new URL('.', redirectUri) : webAddress('postLogoutRedirectUri', home),
    scope: resolveScope(options.scope),
    persist,
    dpop,
    silentSignIn,
    visit: resolveVisit(options),
  }
}

function check(option: string, problem: string | undefined): void {
  if (problem) fail(option, problem)
}

function webAddress(option: string, value: string): URL {
  check(option, addressProblem(value))
  return new URL(value)
}

function resolveScope(scope: readonly string[] = ['openid', 'profile', 'email']): readonly string[] {
  check('scope', scopeProblem(scope))
  return [...new Set(['openid', ...scope])]
}

function resolveVisit(options: AuthOptions): Record<string, string> | undefined {
  const { guest = false } = options
  if (typeof guest !== 'boolean') fail('guest', 'must be true or false')
  const visit: Record<string, string> = {}
  for (const option of Object.keys(visitParameters) as (keyof typeof visitParameters)[]) {
    const value = options[option]
    if (value === undefined) continue
    if (typeof value !== 'string' || !value) fail(option, 'must be a non-empty string')
    visit[visitParameters[option]] = value
  }
  return guest ? visit : undefined
}

function fail(option: string, problem: string): never {
  throw new AuthError('configuration', { message: `createAuth: \`${option}\` ${problem}.` })
}
