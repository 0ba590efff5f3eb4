import { chooseByState } from '../../upstream/choose-upstream.ts'
import { tradeCode } from '../../upstream/trade-code.ts'
import type { CodeUpstream } from '../../upstream/upstreams.ts'
import { errors } from '../engine-errors.ts'
import { askedScope } from './asked-scope.ts'
import { type GrantAnswer, type GrantRequest, requireParam } from './grant-request.ts'
import { guestShown } from './guest-shown.ts'
import { signInThrough } from './upstream-sign-in.ts'

export const UPSTREAM_GRANT = 'urn:portico:grant-type:upstream'

/**
 * Signs in whoever comes back from a provider to the app itself, which has sent them there: trades the provider's code,
 * with the verifier and nonce of that request if the app made any.
 */
export async function upstreamGrant(request: GrantRequest): Promise<GrantAnswer> {
  const upstream = loadUpstream(request)
  const address = readAnswer(request, upstream)
  const wantsTheirTokens = asksForTheirTokens(request)
  const scope = askedScope(request)
  const guest = await guestShown(request)
  const { code_verifier: verifier, nonce } = request.params
  const { answer, signedIn } = await signInThrough(request, {
    provider: upstream.config.name,
    flow: 'upstream',
    scope,
    guest,
    signIn: () => tradeCode(upstream, { address, nonce, verifier }),
  })
  const { accessToken, idToken } = signedIn
  return { ...answer, ...(wantsTheirTokens && { upstream_access_token: accessToken, upstream_id_token: idToken }) }
}

/** @throws `invalid_request` */
function loadUpstream({ upstreams, params }: GrantRequest): CodeUpstream {
  const upstream = chooseByState(upstreams, params)
  if (!upstream) throw new errors.InvalidRequest('there is no such provider to sign in through')
  return upstream
}

/**
 * What the provider called the app with. The code was sent to one of this client's own addresses, so another's is no use
 * here; which provider sent it the app has seen to (RFC 9207), unless it tells.
 * @throws `invalid_request`
 */
function readAnswer(request: GrantRequest, { config }: CodeUpstream): URL {
  const code = requireParam(request, 'code')
  const redirectUri = requireParam(request, 'redirect_uri')
  if (!request.client.redirect_uris.includes(redirectUri))
    throw new errors.InvalidRequest('redirect_uri is not registered for this client')
  const address = new URL(redirectUri)
  // The client library sends the provider what is left of the address without its query.
  if (address.search !== '' || address.href !== redirectUri)
    throw new errors.InvalidRequest(
      `redirect_uri must be without a query, and written ${address.origin}${address.pathname}`,
    )
  address.search = new URLSearchParams({ code, iss: request.params.iss ?? config.issuer }).toString()
  return address
}

/** @throws `unauthorized_client` for a client that may not have them */
function asksForTheirTokens({ client, params }: GrantRequest): boolean {
  if (params.upstream_tokens !== 'true') return false
  if (!client.upstream_tokens) throw new errors.UnauthorizedClient('this client may not have the provider’s tokens')
  return true
}
