import { decodeJwt, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'

export interface ForgedKeys {
  privateKey: CryptoKey
  publicKey: CryptoKey
  kid: string
  /** Also in its key set. */
  es256: { privateKey: CryptoKey; kid: string }
}

/** How an ID token differs from the true one; signed with the provider's own key unless it says otherwise. */
export interface Forgery {
  claims?: (claims: JWTPayload) => JWTPayload
  signedBy?:
    | 'nobody'
    | 'another key'
    | 'the public key as a secret'
    | 'the client secret'
    | 'its key of another algorithm'
}

export async function forgeIdToken(
  idToken: string,
  { claims = (same) => same, signedBy }: Forgery,
  { keys: { privateKey, publicKey, kid, es256 }, clientSecret }: { keys: ForgedKeys; clientSecret: string },
): Promise<string> {
  const payload = claims(decodeJwt(idToken))
  const sign = (alg: string, key: CryptoKey | Uint8Array, named = kid) =>
    new SignJWT(payload).setProtectedHeader({ alg, kid: named }).sign(key)
  switch (signedBy) {
    case 'nobody':
      return new UnsecuredJWT(payload).encode()
    case 'another key':
      return sign('RS256', (await generateKeyPair('RS256')).privateKey)
    case 'the public key as a secret':
      return sign('HS256', Buffer.from(await exportSPKI(publicKey)))
    case 'the client secret':
      return sign('HS256', Buffer.from(clientSecret))
    case 'its key of another algorithm':
      return sign('ES256', es256.privateKey, es256.kid)
    default:
      return sign('RS256', privateKey)
  }
}
