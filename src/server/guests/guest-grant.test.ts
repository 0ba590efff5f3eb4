import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createDpopKey } from '../test/dpop-key.ts'
import { basicAuth, GUEST_GRANT, postToEndpoint, startGuest, type TokenResponse } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import {
  ADA,
  APP_ORIGIN,
  AUDIENCE,
  aClient,
  aConfidentialClient,
  aConfig,
  aGuestClient,
  BEN,
  ISSUER,
} from '../test/test-config.ts'

const visitor = { username: 'visitor', guest_template: true, roles: ['Browser', 'Reader'] }
const guestOf = (template_user: string, rest: object = {}) => ({ guest: { template_user, ...rest } })

function config() {
  return aConfig({
    tenant: {
      roles: ['Browser', 'Reader', 'Shopper'],
      clients: [
        aGuestClient(),
        aClient({ client_id: 'plain' }),
        aClient({ client_id: 'described', ...guestOf('visitor') }),
        aConfidentialClient(),
        aGuestClient({ client_id: 'closed', active: false }),
        aGuestClient({ client_id: 'narrow', max_roles: ['Browser'] }),
        aGuestClient({ client_id: 'bare', ...guestOf('nobody') }),
        aGuestClient({ client_id: 'bound', dpop_bound_access_tokens: true }),
        aGuestClient({ client_id: 'gone', ...guestOf('leaver') }),
        aGuestClient({ client_id: 'once', ...guestOf('visitor', { access_token_ttl: 1800, refresh_token_ttl: 0 }) }),
      ],
      users: [
        { ...ADA, roles: ['Shopper'] },
        { ...BEN, roles: ['Shopper'] },
        visitor,
        { username: 'nobody', guest_template: true },
        { username: 'leaver', guest_template: true },
      ],
    },
  })
}

let app: TestApp
beforeAll(async () => {
  app = await startTestApp({ config: config() })
})
afterAll(() => app.close())

const ask = (fields: Record<string, string>, options: Parameters<typeof postToEndpoint>[3] = {}) =>
  postToEndpoint(app, 'token', { grant_type: GUEST_GRANT, ...fields }, options)

function expectRefused({ status, body, headers }: TokenResponse, error: string, expectedStatus = 400): void {
  expect(body).toMatchObject({ error, error_description: expect.any(String) })
  expect(body).not.toHaveProperty('access_token')
  expect(status).toBe(expectedStatus)
  expect(headers['cache-control']).toBe('no-store')
}

describe('a guest is given', () => {
  it('an answer like everybody (RFC 6749 section 5.1), and no ID token', async () => {
    const before = Date.now()
    const { status, headers, body } = await ask({ client_id: 'catalog', scope: 'openid profile' })
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('no-store')
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_in: 3600,
      access_token_expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      refresh_token: expect.stringMatching(/^[\w.-]+$/),
      refresh_token_expires_in: 2_592_000,
      refresh_token_expires_at: expect.any(String),
      scope: 'Browser Reader',
      session_id: expect.stringMatching(/^[\w-]{20,}$/),
    })
    const secondsToEnd = (Date.parse(String(body.refresh_token_expires_at)) - before) / 1000
    expect(Math.abs(secondsToEnd - 2_592_000)).toBeLessThan(5)
  })

  it('an access token with every claim of RFC 9068, signed with a published key', async () => {
    const { accessToken, sessionId } = await startGuest(app)
    const keys = createLocalJWKSet(JSON.parse((await app.browser().get(`${ISSUER}/jwks`)).body))
    const expected = { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', algorithms: ['ES256'] }
    const { payload } = await jwtVerify(accessToken, keys, expected)
    expect(payload).toEqual({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: expect.any(String),
      client_id: 'catalog',
      iat: expect.any(Number),
      exp: (payload.iat ?? 0) + 3600,
      jti: expect.any(String),
      scope: 'Browser Reader',
      roles: ['Browser', 'Reader'],
      sid: payload.sub,
      session_id: sessionId,
      guest: true,
    })
    expect(payload.sub).not.toBe(sessionId)
  })

  it('names of their own: nobody else has them', async () => {
    const claims = await Promise.all([1, 2, 3].map(async () => decodeJwt((await startGuest(app)).accessToken)))
    for (const name of ['sub', 'session_id', 'jti']) expect(new Set(claims.map((one) => one[name])).size).toBe(3)
  })

  it('what the shop said about the visit, in the access token', async () => {
    const fields = { anonuserid: 'beacon-1', currency: 'EUR', site: 'north', language: 'sv-SE' }
    expect(decodeJwt((await startGuest(app, { fields })).accessToken)).toMatchObject(fields)
  })

  it.each(['anonuserid', 'currency', 'site', 'language'])('nothing unreadable in %s', async (name) => {
    const fields = { grant_type: GUEST_GRANT, client_id: 'catalog', [name]: 'a\u0000b' }
    expect(await postToEndpoint(app, 'token', fields)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    })
  })

  it.each(['anonuserid', 'currency', 'site', 'language'])('no more room than needed for %s', async (name) => {
    expectRefused(await ask({ client_id: 'catalog', [name]: 'x'.repeat(201) }), 'invalid_request')
    expect((await ask({ client_id: 'catalog', [name]: 'x'.repeat(200) })).status).toBe(200)
  })

  it('no refresh token where its lifetime is 0', async () => {
    const { body } = await ask({ client_id: 'once' })
    expect(body).toMatchObject({ expires_in: 1800 })
    expect(Object.keys(body).filter((name) => name.startsWith('refresh_token'))).toEqual([])
  })

  it('an answer that a page of the app may read, and no other', async () => {
    const asked = (origin: string) => ask({ client_id: 'catalog' }, { headers: { origin } })
    expect((await asked(APP_ORIGIN)).headers['access-control-allow-origin']).toBe(APP_ORIGIN)
    expect((await asked('https://evil.test')).headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe("a guest's roles", () => {
  it("are the template's, within the client's maximum", async () => {
    const { body } = await ask({ client_id: 'narrow' })
    expect(decodeJwt(String(body.access_token))).toMatchObject({ roles: ['Browser'], scope: 'Browser' })
  })

  it('may be fewer, when fewer are asked for', async () => {
    const { body } = await ask({ client_id: 'catalog', scope: 'openid Reader' })
    expect(body.scope).toBe('Reader')
    expect(decodeJwt(String(body.access_token))).toMatchObject({ roles: ['Reader'], scope: 'Reader' })
  })

  it('may be none: then nothing is said about scope, which is never empty (RFC 6749 section 3.3)', async () => {
    const { status, body } = await ask({ client_id: 'bare' })
    expect(status).toBe(200)
    expect(body).not.toHaveProperty('scope')
    const claims = decodeJwt(String(body.access_token))
    expect(claims.roles).toEqual([])
    expect(claims).not.toHaveProperty('scope')
  })

  it.each([
    ["a member's role", 'catalog', 'Shopper'],
    ["a role beyond the client's maximum", 'narrow', 'Reader'],
    ['a role nobody has heard of', 'catalog', 'Browser Owner'],
    ["an operator's scope", 'catalog', 'portico:admin'],
  ])('are never %s: invalid_scope', async (_what, client_id, scope) => {
    expectRefused(await ask({ client_id, scope }), 'invalid_scope')
  })
})

describe('no guest is made', () => {
  it.each([
    ['without a client', {}, 'invalid_request', 400],
    ['for an unknown client', { client_id: 'unknown' }, 'invalid_client', 401],
    ['for a client that is not active', { client_id: 'closed' }, 'invalid_client', 401],
    ['for a client without the grant', { client_id: 'plain' }, 'unauthorized_client', 400],
    ['for a client that only describes guests', { client_id: 'described' }, 'unauthorized_client', 400],
    ['for a client that keeps its secret back', { client_id: 'orders' }, 'invalid_client', 401],
    ['when a secret is sent', { client_id: 'catalog', client_secret: 'x' }, 'invalid_client', 401],
    ['without a DPoP proof where the client always binds', { client_id: 'bound' }, 'invalid_grant', 400],
  ])('%s', async (_what, fields, error, status) => {
    expectRefused(await ask(fields as Record<string, string>), error, status)
  })

  it('for a client with a secret', async () => {
    expectRefused(await ask({ client_id: 'orders' }, { headers: basicAuth() }), 'unauthorized_client')
  })

  it('for one client that another authenticates', async () => {
    expectRefused(await ask({ client_id: 'catalog' }, { headers: basicAuth() }), 'invalid_request')
  })

  it.each(['client_id', 'scope', 'anonuserid', 'grant_type'])('when %s is sent twice', async (name) => {
    const body = new URLSearchParams({ grant_type: GUEST_GRANT, client_id: 'catalog' })
    body.append(name, body.get(name) ?? 'Browser')
    if (body.getAll(name).length < 2) body.append(name, 'Browser')
    const response = await app.server.inject({
      method: 'POST',
      url: '/demo/token',
      headers: { host: 'localhost:3000', 'content-type': 'application/x-www-form-urlencoded' },
      payload: body.toString(),
    })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({ error: 'invalid_request' })
  })

  it('from a template that was disabled, or is no template any more, a second ago', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const change = (values: { disabled_at?: number | null; guest_template?: number }) =>
      app.store.db.updateTable('users').set(values).where('username', '=', 'leaver').execute()
    const askASecondLater = () => {
      vi.setSystemTime(Date.now() + 1000)
      return ask({ client_id: 'gone' })
    }
    expect((await askASecondLater()).status).toBe(200)
    await change({ disabled_at: Date.now() })
    expectRefused(await askASecondLater(), 'invalid_grant')
    await change({ disabled_at: null, guest_template: 0 })
    expectRefused(await askASecondLater(), 'invalid_grant')
    await app.store.db.deleteFrom('users').where('username', '=', 'leaver').execute()
    expectRefused(await askASecondLater(), 'invalid_grant')
  })

  it('by GET', async () => {
    const response = await app.browser().get(`${ISSUER}/token?grant_type=${GUEST_GRANT}&client_id=catalog`)
    expect(response.status).toBe(405)
  })
})

describe('a guest with a DPoP key (RFC 9449)', () => {
  it('is bound to it', async () => {
    const key = await createDpopKey()
    const { accessToken, answer } = await startGuest(app, { key })
    expect(answer.token_type).toBe('DPoP')
    expect(decodeJwt(accessToken).cnf).toEqual({ jkt: key.thumbprint })
  })

  it('whose clock is an hour off is told a nonce, and comes in with it', async () => {
    const key = await createDpopKey()
    const url = `${ISSUER}/token`
    const issuedAt = Math.floor(Date.now() / 1000) - 3600
    const refused = await ask({ client_id: 'catalog' }, { proof: await key.proof({ url, issuedAt }) })
    expectRefused(refused, 'use_dpop_nonce')
    const nonce = String(refused.headers['dpop-nonce'])
    const accepted = await ask({ client_id: 'catalog' }, { proof: await key.proof({ url, issuedAt, nonce }) })
    expect(accepted).toMatchObject({ status: 200, body: { token_type: 'DPoP' } })
  })

  it.each([
    ['for another address', { url: `${ISSUER}/par` }],
    ['for another method', { url: `${ISSUER}/token`, method: 'GET' }],
  ])('is refused with a proof %s', async (_what, request) => {
    const proof = await (await createDpopKey()).proof(request)
    expectRefused(await ask({ client_id: 'catalog' }, { proof }), 'invalid_dpop_proof')
  })

  it('is refused with something that is no proof', async () => {
    expectRefused(await ask({ client_id: 'catalog' }, { proof: 'nonsense' }), 'invalid_dpop_proof')
  })
})

describe('a configuration is refused', () => {
  const withClient = (client: object) => () => aConfig({ tenant: { clients: [client] } })

  it.each([
    ['that gives guests to a client with a secret', aGuestClient({ client_secret: 'a-secret-0123456789abcdefgh' })],
    ['that gives the grant without a template', aGuestClient({ guest: undefined })],
    ['whose template is a person', aGuestClient(guestOf('ada'))],
    [
      'that lets access tokens live for more than an hour',
      aGuestClient(guestOf('visitor', { access_token_ttl: 3601 })),
    ],
  ])('%s', (_what, client) => {
    expect(withClient(client)).toThrow()
  })
})
