import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'

/** A client's DPoP key (RFC 9449): signs on the spot, so that a proof costs the load process as little as can be. */
export interface DpopKey {
  /** RFC 7638. */
  thumbprint: string
  proof(request: { method: string; url: string; nonce: string | undefined }): string
}

export async function createDpopKey(): Promise<DpopKey> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const header = encode({ typ: 'dpop+jwt', alg: 'ES256', jwk })
  return {
    thumbprint: await calculateJwkThumbprint(jwk as { kty: string }),
    proof({ method, url, nonce }) {
      const claims = { htm: method, htu: url, jti: randomUUID(), iat: Math.floor(Date.now() / 1000), nonce }
      const signed = `${header}.${encode(claims)}`
      const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return `${signed}.${signature.toString('base64url')}`
    },
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
