import type { KoaContextWithOIDC } from 'oidc-provider'
import { RequestError } from '../http/request-error.ts'

/** How far a sign-out reaches: the session of this browser, or all that its person is signed in to. */
export type SignOutScope = 'browser' | 'everywhere'

/** @throws {RequestError} Silently doing less than was asked for would leave somebody signed in who believes they aren't. */
export function checkSignOutScope(query: URLSearchParams): void {
  const scopes = query.getAll('logout_scope').filter(Boolean)
  if (scopes.length <= 1 && scopes.every((scope) => ['browser', 'everywhere'].includes(scope))) return
  throw new RequestError(400, 'sign-out-invalid', 'logout_scope is "browser" or "everywhere"')
}

/** What the app asked for. */
export function requestedScope({ query }: KoaContextWithOIDC): SignOutScope {
  return query.logout_scope === 'everywhere' ? 'everywhere' : 'browser'
}

/** Whether what is being ended is everything: proven by the app, or the button that the person has pressed. */
export function isEverywhere(ctx: KoaContextWithOIDC | undefined): boolean {
  return ctx?.oidc?.params?.logout === 'everywhere'
}
