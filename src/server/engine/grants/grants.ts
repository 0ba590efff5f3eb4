import type { ClientConfig, GrantType } from '../../config/schema.ts'
import { GUEST_GRANT, guestGrant, guestRefresh } from '../../guests/guest-grant.ts'
import { looksLikeGuestToken } from '../../guests/guest-session.ts'
import { errors } from '../engine-errors.ts'
import { authorizationCodeGrant } from './authorization-code.ts'
import { clientCredentialsGrant } from './client-credentials.ts'
import type { GrantHandler, GrantParams } from './grant-request.ts'
import { MEMBER_GRANT, memberGrant } from './member.ts'
import { passwordGrant } from './password.ts'
import { refreshTokenGrant } from './refresh-token.ts'
import { EXCHANGE_GRANT, tokenExchangeGrant } from './token-exchange.ts'
import { UPSTREAM_GRANT, upstreamGrant } from './upstream.ts'

/** A way to get tokens. */
export interface Grant {
  /** What a client has to hold to use it. */
  grantType: GrantType
  /** What its handler reads; the rest of a form means nothing to it. */
  parameters: readonly string[]
  handle: GrantHandler
  /** Guests come by the thousand and leave no row: what is refused is told to the log alone. */
  isForGuests?: true
}

/** What goes with a person's sign-in, however they show who they are. */
const OF_A_SIGN_IN = ['scope', 'custom_roles', 'guest_token', 'session_id']

/** Whatever isn't here, nobody can ask for. */
export const GRANTS: readonly Grant[] = [
  {
    grantType: 'authorization_code',
    parameters: ['code', 'code_verifier', 'redirect_uri'],
    handle: authorizationCodeGrant,
  },
  {
    grantType: 'refresh_token',
    parameters: ['refresh_token', 'scope', 'legal_entity_id'],
    handle: refreshTokenGrant,
  },
  {
    grantType: 'password',
    parameters: ['username', 'password', ...OF_A_SIGN_IN],
    handle: passwordGrant,
  },
  { grantType: 'client_credentials', parameters: ['scope'], handle: clientCredentialsGrant },
  {
    grantType: MEMBER_GRANT,
    parameters: ['sso_id', 'member_id', 'email', ...OF_A_SIGN_IN],
    handle: memberGrant,
  },
  {
    grantType: UPSTREAM_GRANT,
    parameters: [
      'code',
      'redirect_uri',
      'code_verifier',
      'provider',
      'state',
      'nonce',
      'iss',
      'upstream_tokens',
      ...OF_A_SIGN_IN,
    ],
    handle: upstreamGrant,
  },
  {
    grantType: EXCHANGE_GRANT,
    parameters: [
      'subject_token',
      'subject_token_type',
      'actor_token',
      'requested_token_type',
      'audience',
      'resource',
      'provider',
      ...OF_A_SIGN_IN,
    ],
    handle: tokenExchangeGrant,
  },
  {
    grantType: GUEST_GRANT,
    parameters: ['scope', 'anonuserid', 'currency', 'site', 'language', 'location'],
    handle: guestGrant,
    isForGuests: true,
  },
]

/** Guests are renewed under the grant that makes them, which is all that some clients hold. */
const GUEST_REFRESH: Grant = {
  grantType: GUEST_GRANT,
  parameters: ['refresh_token', 'scope'],
  handle: guestRefresh,
  isForGuests: true,
}

/**
 * The grant that a request asks for, by `grant_type` and, for a guest's refresh token, by that.
 * @throws `invalid_request`, `unsupported_grant_type`, or `unauthorized_client` for one that this client doesn't hold
 */
export function findGrant(client: ClientConfig, { grant_type, refresh_token }: GrantParams): Grant {
  if (!grant_type) throw new errors.InvalidRequest('missing required parameter grant_type')
  const isGuestRefresh =
    grant_type === 'refresh_token' && holds(client, GUEST_GRANT) && looksLikeGuestToken(refresh_token ?? '')
  const grant = isGuestRefresh ? GUEST_REFRESH : GRANTS.find(({ grantType }) => grantType === grant_type)
  if (!grant) throw new errors.UnsupportedGrantType()
  if (!holds(client, grant.grantType))
    throw new errors.UnauthorizedClient('requested grant type is not allowed for this client')
  return grant
}

function holds(client: ClientConfig, grantType: GrantType): boolean {
  return client.grant_types.includes(grantType)
}
