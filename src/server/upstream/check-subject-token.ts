import { type JWTPayload, jwtVerify } from 'jose'
import { readProfile } from './profile.ts'
import { refuse, UpstreamRefused } from './refused.ts'
import { readSubject, type UpstreamSignIn } from './upstream-sign-in.ts'
import type { ExchangeUpstream } from './upstreams.ts'

const TOLERANCE_SECONDS = 30
/** ID tokens and access tokens (RFC 9068), as some write it; a logout token, say, is signed by the same keys. */
const TYPES = [undefined, 'jwt', 'at+jwt', 'application/at+jwt']

/**
 * Checks a token that a provider gave an app: signature, `alg`, `typ`, `iss`, `aud`, `exp`, `nbf` and `azp`.
 * @throws {UpstreamRefused}
 */
export async function checkSubjectToken(upstream: ExchangeUpstream, token: string): Promise<UpstreamSignIn> {
  const { config } = upstream
  const keys = await upstream.loadKeys().catch(refuse)
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer: config.issuer,
    audience: config.audience,
    algorithms: [config.signing_alg],
    requiredClaims: ['sub', 'exp'],
    clockTolerance: TOLERANCE_SECONDS,
  }).catch(refuse)
  if (!TYPES.includes(protectedHeader.typ?.toLowerCase())) throw failed('the token is of another type (typ)')
  checkParty(payload, config.authorized_parties)
  checkBearer(payload)
  const subject = readSubject(payload.sub)
  return { upstream: config, issuer: config.issuer, subject, profile: async () => readProfile(payload) }
}

/** OpenID Connect calls whom a token was issued to `azp`, RFC 9068 `client_id`. */
function checkParty({ azp, client_id }: JWTPayload, parties: readonly string[] | undefined): void {
  const party = azp ?? client_id
  if (parties && !(typeof party === 'string' && parties.includes(party))) {
    throw failed('the token was issued to another party (azp)')
  }
}

/**
 * Only what anybody who holds it may use: a token bound to a key (RFC 7800) would lose that here, and one that somebody
 * acts with for another (RFC 8693 section 4.1) their name.
 */
function checkBearer(payload: JWTPayload): void {
  if ('cnf' in payload) throw failed('the token is bound to a key (cnf)')
  if ('act' in payload) throw failed('the token is of somebody who acts for another (act)')
}

function failed(reason: string): UpstreamRefused {
  return new UpstreamRefused('upstream-failed', reason)
}
