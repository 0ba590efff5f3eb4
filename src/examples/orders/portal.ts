/** Signing in and out at the portal, with openid-client: the code flow of an app that can keep a secret. */
import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose'
import * as client from 'openid-client'
import { createLogoutTokenReader, type EndedLogin } from './logout-token.ts'

/** Where the portal is and who we are to it. */
export interface PortalOptions {
  issuer: string
  clientId: string
  clientSecret: string
}

/** One sign-in that has begun: what only we and this browser know about it. */
export interface Attempt {
  state: string
  nonce: string
  verifier: string
}

/** Who signed in. */
export interface Person {
  sub: string
  name: string
  /** This login at the portal. */
  sid: string
  /** Tells the portal whose sign-out it is asked for. */
  idToken: string
}

export interface Portal {
  /** The address to send the browser to, and what has to be known when it comes back. */
  begin(origin: string): Promise<{ address: URL; attempt: Attempt }>
  /**
   * Redeems the code of the address the browser came back with.
   *
   * @throws when it isn't the answer to `attempt`, or the person didn't sign in.
   */
  finish(address: URL, attempt: Attempt): Promise<Person>
  /** The address that signs the person out at the portal: of every app in this browser, or everywhere. */
  leave(origin: string, person: Person, scope: SignOutScope): Promise<URL>
  /** Reads what the portal tells us about a login that has ended. */
  readLogoutToken(token: string): Promise<EndedLogin>
}

export type SignOutScope = 'browser' | 'everywhere'

export function createPortal({ issuer, clientId, clientSecret }: PortalOptions): Portal {
  const address = new URL(issuer)
  // On this computer the portal answers over http; anywhere else openid-client insists on https.
  const execute = address.protocol === 'http:' ? [client.allowInsecureRequests] : []
  let known: Promise<client.Configuration> | undefined
  let reader: ReturnType<typeof createLogoutTokenReader> | undefined

  function discover(): Promise<client.Configuration> {
    known ??= client.discovery(address, clientId, clientSecret, undefined, { execute })
    // The portal may start after us: the next visitor tries again.
    known.catch(() => (known = undefined))
    return known
  }

  async function loadKeys(): Promise<JWTVerifyGetKey> {
    const { jwks_uri = '' } = (await discover()).serverMetadata()
    return createRemoteJWKSet(new URL(jwks_uri))
  }

  return {
    async begin(origin) {
      const config = await discover()
      const attempt = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      }
      const parameters = {
        redirect_uri: `${origin}/callback`,
        scope: 'openid profile',
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
      }
      return { address: client.buildAuthorizationUrl(config, parameters), attempt }
    },
    async finish(returned, { state, nonce, verifier }) {
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier }
      const tokens = await client.authorizationCodeGrant(await discover(), returned, checks)
      const claims = tokens.claims()
      if (!claims || !tokens.id_token) throw new Error('the portal answered without an ID token')
      return { sub: claims.sub, name: String(claims.name), sid: String(claims.sid), idToken: tokens.id_token }
    },
    async leave(origin, { idToken }, scope) {
      const hint = { post_logout_redirect_uri: `${origin}/`, id_token_hint: idToken }
      const parameters = { ...hint, ...(scope === 'everywhere' && { logout_scope: scope }) }
      return client.buildEndSessionUrl(await discover(), parameters)
    },
    async readLogoutToken(token) {
      reader ??= createLogoutTokenReader({ issuer, clientId, keys: await loadKeys() })
      return reader(token)
    },
  }
}
