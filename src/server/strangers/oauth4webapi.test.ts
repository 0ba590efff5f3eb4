import * as oauth from 'oauth4webapi'
import { expect, it } from 'vitest'
import { aClient, REDIRECT_URI } from '../test/test-config.ts'
import { describeBothSchemes } from './test/both-schemes.ts'
import { Person } from './test/person.ts'

describeBothSchemes('oauth4webapi', [aClient({ dpop_bound_access_tokens: true })], (portal, scheme) => {
  const http = { [oauth.allowInsecureRequests]: scheme === 'http' }
  const client: oauth.Client = { client_id: 'catalog', id_token_signed_response_alg: 'ES256' }
  const none = oauth.None()

  it('signs in and renews with DPoP, taking the nonce it is given (RFC 9449 section 8)', async () => {
    const issuer = new URL(portal().issuer)
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, http))
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const again = async <T>(ask: () => Promise<T>) => {
      try {
        return await ask()
      } catch (error) {
        if (!oauth.isDPoPNonceError(error)) throw error
        return ask()
      }
    }

    const verifier = oauth.generateRandomCodeVerifier()
    const address = new URL(as.authorization_endpoint ?? '')
    for (const [name, value] of Object.entries({
      client_id: 'catalog',
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: 'openid profile',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }))
      address.searchParams.set(name, value)
    const returned = await new Person().signIn(address, REDIRECT_URI)
    const parameters = oauth.validateAuthResponse(as, client, returned, oauth.expectNoState)

    const tokens = await again(async () => {
      const response = await oauth.authorizationCodeGrantRequest(as, client, none, parameters, REDIRECT_URI, verifier, {
        DPoP,
        ...http,
      })
      return oauth.processAuthorizationCodeResponse(as, client, response, { requireIdToken: true })
    })
    expect(tokens.token_type).toBe('dpop')
    const { sub } = oauth.getValidatedIdTokenClaims(tokens) ?? { sub: '' }

    const person = await again(async () => {
      const response = await oauth.userInfoRequest(as, client, tokens.access_token, { DPoP, ...http })
      return oauth.processUserInfoResponse(as, client, sub, response)
    })
    expect(person).toMatchObject({ sub, name: 'Ada Okafor' })

    const renewed = await again(async () => {
      const options = { DPoP, ...http }
      const response = await oauth.refreshTokenGrantRequest(as, client, none, tokens.refresh_token ?? '', options)
      return oauth.processRefreshTokenResponse(as, client, response)
    })
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token)
  })
})
