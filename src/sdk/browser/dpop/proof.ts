import { randomId, toBase64Url } from '../base64url.ts'
import { publicJwk, sha256 } from './key.ts'

/** What one proof is for. */
export interface ProofRequest {
  key: CryptoKeyPair
  method: string
  url: URL
  /** Time at the receiver, in epoch milliseconds. */
  now: number
  /** Last nonce of the receiver. */
  nonce?: string | undefined
  /** Access token the request carries. */
  accessToken?: string | undefined
}

/** Proves possession of the key for one request (RFC 9449 section 4.2). */
export async function createProof({ key, method, url, now, nonce, accessToken }: ProofRequest): Promise<string> {
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: await publicJwk(key) }
  const claims = {
    jti: randomId(),
    htm: method,
    htu: url.origin + url.pathname,
    iat: Math.floor(now / 1000),
    ...(nonce && { nonce }),
    ...(accessToken && { ath: await sha256(accessToken) }),
  }
  const signed = `${toBase64Url(JSON.stringify(header))}.${toBase64Url(JSON.stringify(claims))}`
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const signature = await crypto.subtle.sign(algorithm, key.privateKey, new TextEncoder().encode(signed))
  return `${signed}.${toBase64Url(signature)}`
}
