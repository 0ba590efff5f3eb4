import { toBase64Url } from '../base64url.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }

/** The public half of a key as its proofs show it. */
export interface PublicJwk {
  kty: string
  crv: string
  x: string
  y: string
}

/** Makes a P-256 key pair whose private half can be used but never exported. */
export function createKeyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
}

/** Exports the public half. */
export async function publicJwk(key: CryptoKeyPair): Promise<PublicJwk> {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key.publicKey)
  return { kty, crv, x, y } as PublicJwk
}

/** Names a key by the hash of its public half (RFC 7638). */
export async function thumbprint(key: CryptoKeyPair): Promise<string> {
  const { crv, kty, x, y } = await publicJwk(key)
  // RFC 7638 section 3.2: exactly these members, in this order.
  return sha256(JSON.stringify({ crv, kty, x, y }))
}

/** Hashes text as base64url. */
export async function sha256(text: string): Promise<string> {
  return toBase64Url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}
