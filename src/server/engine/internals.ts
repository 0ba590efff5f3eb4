/**
 * The only place that reaches into oidc-provider's unpublished modules. The exact version is pinned and
 * `internals.test.ts` checks that each piece still behaves as the handlers here rely on.
 */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { confirm } from 'oidc-provider/lib/actions/end_session.js'
import checkPkce from 'oidc-provider/lib/helpers/pkce.js'
import validateDpop from 'oidc-provider/lib/helpers/validate_dpop.js'
import internalsOf from 'oidc-provider/lib/helpers/weak_cache.js'

/** Ends the portal session of a request whose checks have passed, and redirects. */
const endSession = confirm[confirm.length - 1] as (ctx: KoaContextWithOIDC) => Promise<void>

/** Adds a response type that the configuration refuses, for clients and discovery; before the first client is loaded. */
function knowResponseType(provider: Provider, type: string): void {
  internalsOf(provider).configuration.responseTypes.push(type)
}

export { checkPkce, endSession, knowResponseType, validateDpop }
