import { createJwtSigner, type JwtSigner } from './jwt-signer.ts'
import type { SigningJwk } from './tenant-keys.ts'

export type SigningAlg = SigningJwk['alg']

/** Signs what a tenant issues, with its newest key of the algorithm asked for. */
export interface TokenSigner {
  /** RFC 9068: its type keeps an API from taking an ID token for one. */
  signAccessToken(claims: object, alg: SigningAlg): Promise<string>
  /** OpenID Connect Core section 2. */
  signIdToken(claims: object, alg: SigningAlg): Promise<string>
}

export async function createTokenSigner(keys: readonly SigningJwk[]): Promise<TokenSigner> {
  const accessTokens = await signersByAlg(keys, 'at+jwt')
  const idTokens = await signersByAlg(keys)
  return {
    signAccessToken: (claims, alg) => accessTokens[alg](claims),
    signIdToken: (claims, alg) => idTokens[alg](claims),
  }
}

async function signersByAlg(keys: readonly SigningJwk[], typ?: string): Promise<Record<SigningAlg, JwtSigner>> {
  const signer = (alg: SigningAlg) => createJwtSigner(newestKey(keys, alg), typ)
  return { ES256: await signer('ES256'), RS256: await signer('RS256') }
}

function newestKey(keys: readonly SigningJwk[], alg: SigningAlg): SigningJwk {
  const key = keys.find((candidate) => candidate.alg === alg)
  if (!key) throw new Error(`the tenant has no ${alg} key`)
  return key
}
