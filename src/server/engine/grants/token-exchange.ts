import { checkSubjectToken } from '../../upstream/check-subject-token.ts'
import { chooseByToken } from '../../upstream/choose-upstream.ts'
import { errors } from '../engine-errors.ts'
import { askedScope } from './asked-scope.ts'
import { type GrantAnswer, type GrantRequest, requireParam } from './grant-request.ts'
import { guestShown } from './guest-shown.ts'
import { signInThrough } from './upstream-sign-in.ts'

export const EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'

const TYPE = 'urn:ietf:params:oauth:token-type:'
const SUBJECT_TYPES = ['jwt', 'access_token', 'id_token'].map((type) => TYPE + type)

/**
 * Signs in whoever an app has a provider's token of (RFC 8693). What they get is a login of their own: the person's roles
 * within this client's, for our audience, whatever else that token was good for.
 */
export async function tokenExchangeGrant(request: GrantRequest): Promise<GrantAnswer> {
  const token = requireParam(request, 'subject_token')
  checkTypes(request)
  checkTarget(request)
  const upstream = chooseByToken(request.upstreams, { provider: request.params.provider, token })
  if (!upstream) throw new errors.InvalidRequest('no provider is configured whose tokens could be exchanged like this')
  const scope = askedScope(request)
  const guest = await guestShown(request)
  const { answer } = await signInThrough(request, {
    provider: upstream.config.name,
    flow: 'token-exchange',
    scope,
    guest,
    signIn: () => checkSubjectToken(upstream, token),
  })
  return { ...answer, issued_token_type: `${TYPE}access_token` }
}

/** @throws `invalid_request` for what isn't exchanged here (RFC 8693 section 2.1) */
function checkTypes(request: GrantRequest): void {
  const { requested_token_type: wanted, actor_token } = request.params
  if (!SUBJECT_TYPES.includes(requireParam(request, 'subject_token_type')))
    throw new errors.InvalidRequest(`subject_token_type must be one of ${SUBJECT_TYPES.join(', ')}`)
  if (wanted !== undefined && wanted !== `${TYPE}access_token`)
    throw new errors.InvalidRequest(`requested_token_type must be ${TYPE}access_token`)
  if (actor_token !== undefined) throw new errors.InvalidRequest('nobody can act for another here: send no actor_token')
}

/** @throws `invalid_target` for any audience but the tenant's (RFC 8693 section 2.2.2) */
function checkTarget({ tenant, params: { audience, resource } }: GrantRequest): void {
  const others = [audience, resource].filter((target) => target !== undefined && target !== tenant.config.audience)
  if (others.length > 0) throw new errors.InvalidTarget('tokens are for this tenant’s audience only')
}
