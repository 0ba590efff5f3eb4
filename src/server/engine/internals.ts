/**
 * The only place that reaches into oidc-provider's unpublished modules. The exact version is pinned and
 * `internals.test.ts` checks that each piece still behaves as the handlers here rely on.
 */
import type { KoaContextWithOIDC } from 'oidc-provider'
import { confirm } from 'oidc-provider/lib/actions/end_session.js'
import { createAccessToken, issueIdToken } from 'oidc-provider/lib/helpers/grant_common.js'
import { buildTokenResponse } from 'oidc-provider/lib/helpers/grant_response.js'
import checkPkce from 'oidc-provider/lib/helpers/pkce.js'
import { checkDpopRequired } from 'oidc-provider/lib/helpers/sender_constraints.js'
import validateDpop from 'oidc-provider/lib/helpers/validate_dpop.js'

/** Ends the portal session of a request whose checks have passed, and redirects. */
const endSession = confirm[confirm.length - 1] as (ctx: KoaContextWithOIDC) => Promise<void>

export { buildTokenResponse, checkDpopRequired, checkPkce, createAccessToken, endSession, issueIdToken, validateDpop }
