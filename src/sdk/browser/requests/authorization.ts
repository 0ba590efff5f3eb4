import { AuthError } from '../../wire/auth-error.ts'
import { isSecureAddress } from '../../wire/web-address.ts'
import type { Clock } from '../clock.ts'
import type { Nonces } from '../dpop/nonces.ts'
import { createProof } from '../dpop/proof.ts'
import type { AccessToken } from '../session/access-token.ts'

/** What the headers of a request are made from. */
export interface AuthorizationDeps {
  clock: Clock
  nonces: Nonces
  loadKey(): Promise<CryptoKeyPair | undefined>
}

/**
 * Builds the headers that carry a token to one address: Bearer (RFC 6750), or DPoP with its proof (RFC 9449 section 7.1).
 *
 * @throws {AuthError} `insecure-address` for plain http to another computer.
 */
export async function authorizationHeaders(
  token: AccessToken,
  { method, url }: { method: string; url: URL },
  { clock, nonces, loadKey }: AuthorizationDeps,
): Promise<Record<string, string>> {
  if (!isSecureAddress(url)) throw new AuthError('insecure-address')
  const authorization = `${token.type} ${token.value}`
  const key = token.type === 'DPoP' ? await loadKey() : undefined
  if (!key) return { Authorization: authorization }
  const now = clock.now()
  const proof = await createProof({ key, method, url, now, nonce: nonces.get(url), accessToken: token.value })
  return { Authorization: authorization, DPoP: proof }
}
