import { createHash, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose'
import { type AnIssuer, audience, clientId, issuerAddress } from './an-issuer.ts'

const seconds = () => Math.floor(Date.now() / 1000)

/** An access token as the issuer makes it, with what a test changes. */
export async function aToken(
  issuer: AnIssuer,
  claims: Record<string, unknown> = {},
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const payload = {
    iss: issuerAddress,
    aud: audience,
    sub: 'ada-1',
    client_id: clientId,
    iat: seconds(),
    exp: seconds() + 600,
    jti: randomUUID(),
    scope: 'openid profile',
    roles: ['Shopper'],
    sid: 'sid-1',
    session_id: 'session-1',
    ...claims,
  }
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'key-1', ...header })
    .sign(issuer.privateKey)
}

/** A key a browser would hold. */
export async function aKey() {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { jwk: await exportJWK(publicKey), privateJwk: await exportJWK(privateKey), privateKey }
}

export interface AProofRequest {
  token: string
  claims?: Record<string, unknown>
  header?: { typ?: string; jwk?: JWK }
}

/** A proof for `GET https://api.example.com/orders`, with what a test changes. */
export async function aProof(
  key: Awaited<ReturnType<typeof aKey>>,
  { token, claims = {}, header = {} }: AProofRequest,
) {
  const payload = {
    htm: 'GET',
    htu: 'https://api.example.com/orders',
    iat: seconds(),
    jti: randomUUID(),
    ath: createHash('sha256').update(token).digest('base64url'),
    ...claims,
  }
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.jwk, ...header })
    .sign(key.privateKey)
}
