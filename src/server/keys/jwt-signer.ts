import { type CryptoKey, importJWK } from 'jose'
import type { SigningJwk } from './tenant-keys.ts'

/** Signs claims as a compact JWT (RFC 7515 section 3.1). */
export type JwtSigner = (claims: object) => Promise<string>

const ALGORITHMS = {
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5' },
}

/**
 * A signer for one key and one kind of token. Over Web Crypto and not jose, which imports, checks and serializes anew
 * each time: guests get their tokens by the thousand, and this takes a seventh off their cost (`npm run bench -- guest`).
 */
export async function createJwtSigner(jwk: SigningJwk, typ?: string): Promise<JwtSigner> {
  const key = (await importJWK(jwk, jwk.alg)) as CryptoKey
  const header = base64url(JSON.stringify({ alg: jwk.alg, typ, kid: jwk.kid }))
  return async (claims) => {
    const text = `${header}.${base64url(JSON.stringify(claims))}`
    const signature = await crypto.subtle.sign(ALGORITHMS[jwk.alg], key, Buffer.from(text))
    return `${text}.${Buffer.from(signature).toString('base64url')}`
  }
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}
