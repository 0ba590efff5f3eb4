import * as client from 'openid-client'
import type { UpstreamConfig } from '../config/schema.ts'
import { takeRequest } from './pending-request.ts'
import { type Profile, readProfile } from './profile.ts'
import { refuse, UpstreamRefused } from './refused.ts'
import type { Upstream, Upstreams } from './upstreams.ts'

/** Somebody a provider vouches for. */
export interface UpstreamSignIn {
  upstream: UpstreamConfig
  issuer: string
  subject: string
  /** Asked for only when the person isn't known yet: it may cost another request. */
  profile(): Promise<Profile>
}

/** Clocks may differ by this. */
const TOLERANCE_SECONDS = 60
/** OpenID Connect Core section 2; PostgreSQL takes no zero byte. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/

/**
 * Takes a provider's answer: finds the request it belongs to, trades the code and checks the ID token (OpenID Connect Core
 * sections 3.1.2.7 and 3.1.3.7, RFC 9207).
 * @throws {UpstreamRefused}
 */
export async function finishAuthorization(
  upstreams: Upstreams,
  upstream: Upstream,
  { interactionId, answer }: { interactionId: string; answer: URLSearchParams },
): Promise<UpstreamSignIn> {
  const { config } = upstream
  const state = answer.get('state') ?? ''
  const request = await takeRequest(upstreams, { state, provider: config.name, interactionId })
  if (!request) throw new UpstreamRefused('upstream-expired', 'no request waits for this answer')
  const connection = await upstream.connect().catch(refuse)
  const tokens = await client
    .authorizationCodeGrant(connection, new URL(`${upstream.redirectUri}?${answer}`), {
      expectedState: state,
      expectedNonce: request.nonce,
      pkceCodeVerifier: request.verifier,
      idTokenExpected: true,
    })
    .catch(refuse)
  const claims = tokens.claims() ?? notThere()
  checkSubject(claims)
  checkAuthorizedParty(claims, config.client_id)
  checkAskedAgain(claims, request.askedAgainAt)
  return {
    upstream: config,
    issuer: claims.iss,
    subject: claims.sub,
    profile: () => loadProfile(connection, { claims, accessToken: tokens.access_token, scope: config.scope }),
  }
}

function notThere(): never {
  throw new UpstreamRefused('upstream-failed', 'the answer has no ID token')
}

function checkSubject({ sub }: client.IDToken): void {
  if (!SUBJECT.test(sub)) throw new UpstreamRefused('upstream-failed', 'the subject is not 1 to 255 ASCII characters')
}

/** Also with a single audience, where openid-client doesn't look at it. */
function checkAuthorizedParty({ azp }: client.IDToken, clientId: string): void {
  if (azp !== undefined && azp !== clientId) {
    throw new UpstreamRefused('upstream-failed', 'the ID token was issued to another party (azp)')
  }
}

/** Where a provider says when the person proved themselves, it must be after we asked for it. */
function checkAskedAgain({ auth_time }: client.IDToken, askedAgainAt: number | undefined): void {
  if (askedAgainAt === undefined || auth_time === undefined) return
  if (auth_time < askedAgainAt - TOLERANCE_SECONDS) {
    throw new UpstreamRefused('upstream-failed', 'the person was not asked again, though we asked for it (auth_time)')
  }
}

interface ProfileSource {
  claims: client.IDToken
  accessToken: string
  scope: string
}

/** From the ID token, and from userinfo where the provider keeps there what was asked for. */
async function loadProfile(
  connection: client.Configuration,
  { claims, accessToken, scope }: ProfileSource,
): Promise<Profile> {
  const wanted = scope
    .split(' ')
    .flatMap((value) => (value === 'profile' ? ['name'] : value === 'email' ? [value] : []))
  const isSaid = wanted.every((claim) => claims[claim] !== undefined)
  if (isSaid || connection.serverMetadata().userinfo_endpoint === undefined) return readProfile(claims)
  const more = await client.fetchUserInfo(connection, accessToken, claims.sub).catch(refuse)
  return readProfile({ ...claims, ...more })
}
