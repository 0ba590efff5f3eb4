import { randomUUID } from 'node:crypto'
import { type CryptoKey, importJWK, SignJWT } from 'jose'
import type { ClientConfig } from '../config/schema.ts'
import type { SigningJwk } from '../keys/tenant-keys.ts'
import type { LogoutNotice } from '../store/logout-listeners.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** For an app whose clock is off by a minute; a new token is signed for each attempt. */
const TTL_SECONDS = 120

type Addressee = Pick<ClientConfig, 'client_id' | 'id_token_signed_response_alg'>

/** Signs what a client is told about one login that ended (OpenID Connect Back-Channel Logout 1.0 section 2.4). */
export type SignLogoutToken = (client: Addressee, notice: LogoutNotice, now: number) => Promise<string>

/** A signer with the keys of a tenant: the client's is the one its ID tokens are signed with. */
export function createLogoutTokens(issuer: string, keys: readonly SigningJwk[]): SignLogoutToken {
  return async (client, { sub, sid }, now) => {
    const { client_id, id_token_signed_response_alg: alg } = client
    const jwk = keys.find((key) => key.alg === alg)
    if (!jwk) throw new Error(`${issuer} has no ${alg} key`)
    const signedAt = Math.floor(now / 1000)
    return new SignJWT({ events: { [EVENT]: {} }, sub, sid })
      .setProtectedHeader({ alg, typ: 'logout+jwt', kid: jwk.kid })
      .setIssuer(issuer)
      .setAudience(client_id)
      .setIssuedAt(signedAt)
      .setExpirationTime(signedAt + TTL_SECONDS)
      .setJti(randomUUID())
      .sign((await importJWK(jwk, alg)) as CryptoKey)
  }
}
