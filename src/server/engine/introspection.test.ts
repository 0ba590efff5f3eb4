import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDpopKey, type DpopKey } from '../test/dpop-key.ts'
import { aPkce, basicAuth, obtainCode, postToEndpoint, redeem, signedIn, type TokenResponse } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import {
  AUDIENCE,
  aClient,
  aConfidentialClient,
  aConfig,
  anImplicitClient,
  ISSUER,
  ORDERS_SECRET,
} from '../test/test-config.ts'

const PARTNER_SECRET = 'partner-secret-0123456789abcdef'
const orders = { client_id: 'orders', redirect_uri: 'http://localhost:3002/callback' }

let app: TestApp
beforeAll(async () => {
  const partner = aConfidentialClient({ client_id: 'partner', client_secret: PARTNER_SECRET })
  const clients = [aClient(), aConfidentialClient(), partner, anImplicitClient()]
  const config = aConfig({ tenant: { clients } })
  const { demo } = config.tenants
  if (!demo) throw new Error('the tenant is in the file')
  app = await startTestApp({ config: { ...config, tenants: { demo, other: demo } } })
})
afterAll(() => app.close())
afterEach(() => vi.useRealTimers())

const introspect = (token: string, headers = basicAuth(), fields: Record<string, string> = {}) =>
  postToEndpoint(app, 'introspect', { token, ...fields }, { headers })

async function ordersTokens({ key }: { key?: DpopKey } = {}): Promise<TokenResponse['body']> {
  const pkce = aPkce()
  const code = await obtainCode(app.browser(), pkce, { overrides: orders })
  const { client_id, ...fields } = orders
  const answer = await redeem(app, { code, pkce, key, fields: { ...fields, client_id, client_secret: ORDERS_SECRET } })
  expect(answer.status).toBe(200)
  return answer.body
}

describe('introspection (RFC 7662)', () => {
  it('needs a client that authenticates', async () => {
    const { accessToken } = await signedIn(app)
    expect(await introspect(accessToken, {})).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect(await introspect(accessToken, basicAuth('orders', 'a wrong secret'))).toMatchObject({ status: 401 })
    expect((await introspect(accessToken, {}, { client_id: 'catalog' })).body).toEqual({ active: false })
    expect((await introspect(accessToken)).body.active).toBe(true)
  })

  it('tells any of the tenant’s servers about an access token, and nobody but its own app about a refresh token', async () => {
    const { access_token = '', refresh_token = '' } = await ordersTokens()
    const partner = basicAuth('partner', PARTNER_SECRET)
    expect((await introspect(access_token, partner)).body).toMatchObject({ active: true, client_id: 'orders' })
    expect((await introspect(refresh_token, partner)).body).toEqual({ active: false })
    expect((await introspect(refresh_token)).body).toMatchObject({ active: true, client_id: 'orders' })
  })

  it('is JSON that nobody keeps', async () => {
    const { headers } = await introspect('anything')
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' })
  })

  it('describes a refresh token, without its value', async () => {
    const { access_token = '', refresh_token = '' } = await ordersTokens()
    const { sub, sid } = decodeJwt(access_token)
    expect((await introspect(refresh_token)).body).toEqual({
      active: true,
      iss: ISSUER,
      ...{ sub, sid },
      client_id: 'orders',
      scope: 'openid profile',
      iat: expect.any(Number),
      exp: expect.any(Number),
    })
  })

  it('describes an access token as it does itself', async () => {
    const { accessToken } = await signedIn(app)
    const { sub, sid, jti, iat, exp, session_id } = decodeJwt(accessToken)
    expect((await introspect(accessToken)).body).toEqual({
      active: true,
      iss: ISSUER,
      aud: AUDIENCE,
      ...{ sub, sid, jti, iat, exp, session_id },
      client_id: 'catalog',
      roles: ['Shopper'],
      scope: 'openid profile',
      token_type: 'Bearer',
    })
  })

  it('tells the key a token is bound to (RFC 9449 section 6.2)', async () => {
    const key = await createDpopKey()
    const { access_token = '' } = await ordersTokens({ key })
    const cnf = { jkt: key.thumbprint }
    expect((await introspect(access_token)).body).toMatchObject({ active: true, cnf, token_type: 'DPoP' })
  })

  it.each(['access_token', 'refresh_token', 'made-up'])(
    'finds a token whatever the hint: %s (section 2.1)',
    async (hint) => {
      const { access_token = '', refresh_token = '' } = await ordersTokens()
      for (const token of [access_token, refresh_token]) {
        expect((await introspect(token, basicAuth(), { token_type_hint: hint })).body.active).toBe(true)
      }
    },
  )

  const inactive: [string, () => Promise<string> | string][] = [
    ['nothing we know', () => 'anything'],
    ['an empty JWT', () => 'eyJhbGciOiJub25lIn0.e30.'],
    ['an access token that was changed', async () => `${(await signedIn(app)).accessToken.slice(0, -4)}AAAA`],
    ['an ID token', async () => (await signedIn(app)).idToken],
    ['a code', () => obtainCode(app.browser(), aPkce(), { overrides: orders })],
    ['a refresh token with something after it', async () => `${(await ordersTokens()).refresh_token}x`],
    ['an access token that has expired', () => later('access_token')],
    ['a refresh token that lay idle for too long', () => later('refresh_token')],
  ]
  it.each(inactive)('says exactly that it isn’t active, of %s', async (_what, token) => {
    const { status, body } = await introspect(await token())
    expect({ status, body }).toEqual({ status: 200, body: { active: false } })
  })

  it('asks each time whether a login goes on, also of a token it has verified before', async () => {
    const { accessToken, refreshToken } = await signedIn(app)
    expect((await introspect(accessToken)).body.active).toBe(true)
    await postToEndpoint(app, 'revoke', { token: refreshToken, client_id: 'catalog' })
    expect((await introspect(accessToken)).body).toEqual({ active: false })
  })

  it('takes no token for one that it has verified before', async () => {
    const { accessToken } = await signedIn(app)
    expect((await introspect(accessToken)).body.active).toBe(true)
    const [header, , signature] = accessToken.split('.')
    const claims = { ...decodeJwt(accessToken), roles: ['MeAdmin'] }
    const forged = Buffer.from(JSON.stringify(claims)).toString('base64url')
    expect((await introspect(`${header}.${forged}.${signature}`)).body).toEqual({ active: false })
  })

  it('is asked about one token', async () => {
    const invalid = { status: 400, body: { error: 'invalid_request' } }
    expect(await postToEndpoint(app, 'introspect', {}, { headers: basicAuth() })).toMatchObject(invalid)
    const twice = await app.server.inject({
      method: 'POST',
      url: '/demo/introspect',
      headers: { host: new URL(ISSUER).host, ...basicAuth(), 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'token=a&token=b',
    })
    expect({ status: twice.statusCode, body: twice.json() }).toMatchObject(invalid)
  })

  it('tells the audit whom it refused', async () => {
    await introspect('anything', basicAuth('orders', 'a wrong secret'))
    const rows = await app.store.db.selectFrom('audit').select(['event', 'client_id']).execute()
    expect(rows).toContainEqual({ event: 'client.refused', client_id: 'orders' })
  })

  it('knows no token of another tenant', async () => {
    const { accessToken } = await signedIn(app)
    const answer = await app.server.inject({
      method: 'POST',
      url: '/other/introspect',
      headers: { host: new URL(ISSUER).host, ...basicAuth(), 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ token: accessToken }).toString(),
    })
    expect(answer.json()).toEqual({ active: false })
  })
})

/** A token of Orders, as much later as it takes. */
async function later(name: 'access_token' | 'refresh_token'): Promise<string> {
  const tokens = await ordersTokens()
  expect((await introspect(String(tokens[name]))).body.active).toBe(true)
  vi.useFakeTimers({ toFake: ['Date'] })
  const end = decodeJwt(tokens.access_token ?? '').exp ?? 0
  vi.setSystemTime(name === 'access_token' ? end * 1000 + 1000 : Date.now() + 91 * 86_400_000)
  return String(tokens[name])
}
