import { createHash, timingSafeEqual } from 'node:crypto'
import { calculateJwkThumbprint, importJWK, type JWK, type JWTPayload, jwtVerify } from 'jose'
import type { Credentials } from './credentials.ts'
import type { ReplayCache } from './replay-cache.ts'
import { TokenError } from './token-error.ts'

/** What {@link checkProof} needs. */
export interface ProofDeps {
  /** Proofs seen. */
  seen: ReplayCache
  /** Epoch milliseconds. */
  now(): number
}

/** How far the sender's clock may be off, either way. */
export const proofWindowSeconds = 60
const longestProof = 8_192
const longestId = 256

/**
 * Accepts the proof that the sender of a request holds the key its token is bound to (RFC 9449 section 4.3).
 *
 * @throws {TokenError} `proof-invalid`, naming what is wrong.
 */
export async function checkProof(
  { proof, token, method, url }: Credentials & { proof: string },
  thumbprint: string,
  { seen, now }: ProofDeps,
): Promise<void> {
  if (proof.length > longestProof) throw invalid('is too long')
  const { jwk, claims } = await verifyProof(proof, now)
  if (claims.htm !== method) throw invalid('is for another method')
  if (!isSameAddress(claims.htu, url)) throw invalid('is for another address')
  if (!(Math.abs(Number(claims.iat) - now() / 1000) <= proofWindowSeconds)) throw invalid('is not from now')
  if (!isSame(claims.ath, createHash('sha256').update(token).digest('base64url'))) throw invalid('is for another token')
  if (!isSame(await calculateJwkThumbprint(jwk), thumbprint)) throw invalid('is by another key')
  // Last, so that a proof that is refused for another reason is not used up.
  if (!seen.add(`${thumbprint} ${proofId(claims)}`)) throw invalid('was used before')
}

async function verifyProof(proof: string, now: () => number): Promise<{ jwk: JWK; claims: JWTPayload }> {
  let jwk: JWK | undefined
  const findKey = async (header: { jwk?: JWK }) => {
    jwk = publicKey(header.jwk)
    return importJWK(jwk, 'ES256')
  }
  try {
    const { payload } = await jwtVerify(proof, findKey, {
      algorithms: ['ES256'],
      typ: 'dpop+jwt',
      requiredClaims: ['jti', 'htm', 'htu', 'iat', 'ath'],
      clockTolerance: proofWindowSeconds,
      currentDate: new Date(now()),
    })
    if (!jwk) throw invalid('has no key')
    return { jwk, claims: payload }
  } catch (cause) {
    throw cause instanceof TokenError ? cause : invalid('can not be read', cause)
  }
}

/** RFC 9449 section 4.3, step 7: a private key in the header means the sender has given it away. */
function publicKey(jwk: JWK | undefined): JWK {
  if (jwk?.kty !== 'EC' || jwk.crv !== 'P-256' || jwk.d !== undefined) throw invalid('has no usable public key')
  return { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y } as JWK
}

/** Without query and fragment, with the host in lower case and the usual port left out (RFC 9449 section 4.3, step 9). */
function isSameAddress(htu: unknown, url: URL): boolean {
  if (typeof htu !== 'string' || !URL.canParse(htu)) return false
  const claimed = new URL(htu)
  return claimed.origin === url.origin && claimed.pathname === url.pathname
}

function proofId({ jti }: JWTPayload): string {
  if (typeof jti !== 'string' || !jti || jti.length > longestId) throw invalid('has no usable id')
  return jti
}

function isSame(given: unknown, expected: string): boolean {
  if (typeof given !== 'string') return false
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function invalid(problem: string, cause?: unknown): TokenError {
  return new TokenError('proof-invalid', `The DPoP proof ${problem}.`, { scheme: 'DPoP', cause })
}
