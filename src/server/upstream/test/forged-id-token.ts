import { decodeJwt, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'

export interface ForgedKeys {
  privateKey: CryptoKey
  publicKey: CryptoKey
  kid: string
}

/** How an ID token differs from the true one; signed with the provider's own key unless it says otherwise. */
export interface Forgery {
  claims?: (claims: JWTPayload) => JWTPayload
  signedBy?: 'nobody' | 'another key' | 'the public key as a secret' | 'the client secret' | 'another algorithm'
}

export async function forgeIdToken(
  idToken: string,
  { claims = (same) => same, signedBy }: Forgery,
  { keys: { privateKey, publicKey, kid }, clientSecret }: { keys: ForgedKeys; clientSecret: string },
): Promise<string> {
  const payload = claims(decodeJwt(idToken))
  const sign = (alg: string, key: CryptoKey | Uint8Array) =>
    new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key)
  switch (signedBy) {
    case 'nobody':
      return new UnsecuredJWT(payload).encode()
    case 'another key':
      return sign('RS256', (await generateKeyPair('RS256')).privateKey)
    case 'the public key as a secret':
      return sign('HS256', Buffer.from(await exportSPKI(publicKey)))
    case 'the client secret':
      return sign('HS256', Buffer.from(clientSecret))
    case 'another algorithm':
      return sign('ES256', (await generateKeyPair('ES256')).privateKey)
    default:
      return sign('RS256', privateKey)
  }
}
