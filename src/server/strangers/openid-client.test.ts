import * as client from 'openid-client'
import { expect, it } from 'vitest'
import { aConfidentialClient, ORDERS_SECRET } from '../test/test-config.ts'
import { describeBothSchemes } from './test/both-schemes.ts'
import { Person } from './test/person.ts'

const REDIRECT_URI = 'http://localhost:3002/callback'
const HOME = 'http://localhost:3002/'
const orders = aConfidentialClient({ post_logout_redirect_uris: [HOME] })

describeBothSchemes('openid-client', [orders], (portal, scheme) => {
  const discover = () => {
    const options = scheme === 'http' ? { execute: [client.allowInsecureRequests] } : {}
    return client.discovery(new URL(portal().issuer), 'orders', ORDERS_SECRET, undefined, options)
  }

  async function signIn(config: client.Configuration, person: Person, { pushed = false } = {}) {
    const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()]
    const parameters = {
      redirect_uri: REDIRECT_URI,
      scope: 'openid email',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    }
    const address = pushed
      ? await client.buildAuthorizationUrlWithPAR(config, parameters)
      : client.buildAuthorizationUrl(config, parameters)
    const returned = await person.signIn(address, REDIRECT_URI)
    return client.authorizationCodeGrant(config, returned, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
    })
  }

  it('signs in, reads userinfo, renews, introspects, revokes and signs out', async () => {
    const [config, person] = [await discover(), new Person()]
    const tokens = await signIn(config, person)
    const { sub } = tokens.claims() ?? { sub: '' }
    expect(await client.fetchUserInfo(config, tokens.access_token, sub)).toMatchObject({ sub, email: 'ada@demo.test' })

    const renewed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect(renewed.claims()).toMatchObject({ sub })
    expect(await client.tokenIntrospection(config, renewed.access_token)).toMatchObject({ active: true, sub })

    await client.tokenRevocation(config, renewed.refresh_token ?? '')
    expect(await client.tokenIntrospection(config, renewed.access_token)).toEqual({ active: false })

    const hint = { post_logout_redirect_uri: HOME, id_token_hint: tokens.id_token ?? '' }
    expect((await person.signIn(client.buildEndSessionUrl(config, hint), HOME)).href).toBe(HOME)
  })

  it('pushes its request', async () => {
    const tokens = await signIn(await discover(), new Person(), { pushed: true })
    expect(tokens.claims()).toMatchObject({ aud: 'orders' })
  })
})
