import * as client from 'openid-client'
import { type Profile, readProfile } from './profile.ts'
import { refuse, UpstreamRefused } from './refused.ts'
import { readSubject, type UpstreamSignIn } from './upstream-sign-in.ts'
import type { CodeUpstream } from './upstreams.ts'

/** A code on its way from a provider, and what the answer to it may be checked with. */
export interface CodeAnswer {
  /** The redirect address with the parameters it was called with. */
  address: URL
  state?: string | undefined
  nonce?: string | undefined
  /** Of PKCE (RFC 7636). */
  verifier?: string | undefined
  /** Epoch seconds, when the person was to prove themselves anew. */
  askedAgainAt?: number | undefined
}

/** Somebody who came with a code, and what the provider gave for it. */
export interface TradedCode extends UpstreamSignIn {
  accessToken: string
  idToken: string | undefined
}

/** Clocks may differ by this. */
const TOLERANCE_SECONDS = 60

/**
 * Trades a code at the provider and checks the ID token (OpenID Connect Core sections 3.1.2.7 and 3.1.3.7, RFC 9207).
 * @throws {UpstreamRefused}
 */
export async function tradeCode({ config, connect }: CodeUpstream, answer: CodeAnswer): Promise<TradedCode> {
  const connection = await connect().catch(refuse)
  const { state, nonce, verifier } = answer
  const tokens = await client
    .authorizationCodeGrant(connection, answer.address, {
      ...(state !== undefined && { expectedState: state }),
      ...(nonce !== undefined && { expectedNonce: nonce }),
      ...(verifier !== undefined && { pkceCodeVerifier: verifier }),
      idTokenExpected: true,
    })
    .catch(refuse)
  const claims = tokens.claims() ?? notThere()
  const subject = readSubject(claims.sub)
  checkAuthorizedParty(claims, config.client_id)
  checkAskedAgain(claims, answer.askedAgainAt)
  const accessToken = tokens.access_token
  return {
    upstream: config,
    issuer: claims.iss,
    subject,
    profile: () => loadProfile(connection, { claims, accessToken, scope: config.scope }),
    accessToken,
    idToken: tokens.id_token,
  }
}

function notThere(): never {
  throw new UpstreamRefused('upstream-failed', 'the answer has no ID token')
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
