import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { aPkce, basicAuth, obtainCode, postToEndpoint, redeem, signedIn, type TokenResponse } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aClient, aConfidentialClient, aConfig, anImplicitClient, ISSUER, ORDERS_SECRET } from '../test/test-config.ts'

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

async function ordersTokens(): Promise<TokenResponse['body']> {
  const pkce = aPkce()
  const code = await obtainCode(app.browser(), pkce, { overrides: orders })
  const { client_id, ...fields } = orders
  const answer = await redeem(app, { code, pkce, fields: { ...fields, client_id, client_secret: ORDERS_SECRET } })
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
  vi.useFakeTimers({ toFake: ['Date'] })
  const end = decodeJwt(tokens.access_token ?? '').exp ?? 0
  vi.setSystemTime(name === 'access_token' ? end * 1000 + 1000 : Date.now() + 91 * 86_400_000)
  return String(tokens[name])
}
