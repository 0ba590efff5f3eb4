import { AuthError } from '../wire/auth-error.ts'
import type { Auth } from './auth.ts'
import { loadingState } from './auth-state.ts'
import { browserEnvironment } from './environment.ts'
import { type AuthOptions, resolveOptions } from './options.ts'
import { startAuth } from './start-auth.ts'

/**
 * Makes a sign-in client for this page. Make one per page, outside any component.
 *
 * If the page was reached by an answer of the portal, that is dealt with at once: code and state leave the address bar
 * before this function returns, and the address becomes the one the person left from.
 *
 * @throws {AuthError} `configuration`, naming the option that is wrong.
 * @example
 * const auth = createAuth({
 *   issuer: 'https://id.example.com/demo',
 *   clientId: 'catalog',
 *   redirectUri: 'https://shop.example/callback',
 * })
 * auth.subscribe(() => render(auth.getState()))
 */
export function createAuth(options: AuthOptions): Auth {
  const resolved = resolveOptions(options)
  if (typeof window === 'undefined') return inertAuth(new AuthError('not-in-browser'))
  // Without it there is no PKCE either, so nothing would work; said in the state, where an app shows it.
  if (!window.isSecureContext) return inertAuth(new AuthError('insecure-context'))
  return startAuth(resolved, browserEnvironment())
}

/** Where nobody can sign in: on a server it stays `loading`, which is what the first paint shows. */
function inertAuth(error: AuthError): Auth {
  const state =
    error.code === 'not-in-browser'
      ? loadingState
      : Object.freeze({ status: 'error', error, isRefreshing: false } as const)
  const fail = () => Promise.reject(error)
  return Object.freeze({
    getState: () => state,
    subscribe: () => () => undefined,
    signIn: fail,
    signInWithPassword: fail,
    signOut: fail,
    getAccessToken: fail,
    fetch: fail,
    headers: fail,
    hasRole: () => false,
    switchCompany: fail,
    newGuest: fail,
    getGuestUpgrade: () => 'none',
    watchGuestUpgrade: () => () => undefined,
  } satisfies Auth)
}
