import { createHash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'

/** A client's DPoP key (RFC 9449) and the proofs made with it. */
export interface DpopKey {
  thumbprint: string
  proof(request: {
    method?: string
    url: string
    accessToken?: string
    nonce?: string
    jti?: string
    issuedAt?: number
  }): Promise<string>
}

export async function createDpopKey(): Promise<DpopKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = await exportJWK(publicKey)
  return {
    thumbprint: await calculateJwkThumbprint(jwk),
    proof({ method = 'POST', url, accessToken, nonce, jti = randomUUID(), issuedAt = Math.floor(Date.now() / 1000) }) {
      const ath = accessToken && createHash('sha256').update(accessToken).digest('base64url')
      return new SignJWT({ htm: method, htu: url, jti, ...(ath && { ath }), ...(nonce && { nonce }) })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
        .setIssuedAt(issuedAt)
        .sign(privateKey)
    },
  }
}
