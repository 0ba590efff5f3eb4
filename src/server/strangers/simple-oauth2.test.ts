import { AuthorizationCode } from 'simple-oauth2'
import { expect, it } from 'vitest'
import { aConfidentialClient, ORDERS_SECRET } from '../test/test-config.ts'
import { describeBothSchemes } from './test/both-schemes.ts'
import { Person } from './test/person.ts'

const REDIRECT_URI = 'http://localhost:3002/callback'

describeBothSchemes('simple-oauth2', [aConfidentialClient()], (portal) => {
  it('signs in without OpenID, renews, and revokes both tokens', async () => {
    const client = new AuthorizationCode({
      client: { id: 'orders', secret: ORDERS_SECRET },
      auth: {
        tokenHost: portal().origin,
        tokenPath: '/demo/token',
        authorizePath: '/demo/authorize',
        revokePath: '/demo/revoke',
      },
    })
    const address = client.authorizeURL({ redirect_uri: REDIRECT_URI, scope: 'profile', state: 'a-state' })
    const returned = await new Person().signIn(address, REDIRECT_URI)
    const code = returned.searchParams.get('code') ?? ''
    const tokens = await client.getToken({ code, redirect_uri: REDIRECT_URI })
    expect(tokens.token).toMatchObject({ token_type: 'Bearer', scope: 'profile' })
    expect(tokens.expired()).toBe(false)

    const renewed = await tokens.refresh()
    await renewed.revokeAll()
    await expect(renewed.refresh()).rejects.toMatchObject({ data: { payload: { error: 'invalid_grant' } } })
  })
})
