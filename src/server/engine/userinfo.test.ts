import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { describeStores } from '../store/test/open-test-stores.ts'
import { createDpopKey } from '../test/dpop-key.ts'
import { aPkce, obtainCode, postToEndpoint, redeem, refresh, signedIn } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { AUDIENCE, aClient, aConfig, ISSUER } from '../test/test-config.ts'
import { userinfo } from '../test/userinfo.ts'

const URL_OF = `${ISSUER}/userinfo`

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())
afterEach(() => vi.useRealTimers())

const scope = 'openid profile email'

describe('userinfo (OpenID Connect Core section 5.3)', () => {
  it('tells about the person what the scope allows', async () => {
    const { accessToken, idToken } = await signedIn(app, { overrides: { scope } })
    const { status, body, headers } = await userinfo(app, accessToken)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      sub: decodeJwt(idToken).sub,
      name: 'Ada Okafor',
      preferred_username: 'ada',
      email: 'ada@demo.test',
      email_verified: true,
    })
    expect(headers['cache-control']).toBe('no-store')
    const less = await signedIn(app, { overrides: { scope: 'openid' } })
    expect((await userinfo(app, less.accessToken)).body).not.toHaveProperty('email')
  })

  it('goes by the scope of the access token, not by that of the login', async () => {
    const { refreshToken } = await signedIn(app, { overrides: { scope } })
    const { body } = await refresh(app, { token: refreshToken, fields: { scope: 'openid' } })
    expect(Object.keys((await userinfo(app, body.access_token ?? '')).body)).not.toContain('email')
  })

  it('answers a renewed token long after the sign-in', async () => {
    const { refreshToken } = await signedIn(app)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_000 })
    const { body } = await refresh(app, { token: refreshToken })
    expect((await userinfo(app, body.access_token ?? '')).status).toBe(200)
  })

  it('refuses a token that has ended, was changed, is of another kind, or lacks openid', async () => {
    const login = await signedIn(app)
    const [header, payload, signature = ''] = login.accessToken.split('.')
    const changed = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    for (const token of [changed, login.idToken, login.refreshToken, login.code, 'x']) {
      expect(await userinfo(app, token)).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
    }
    const noOpenid = await signedIn(app, { overrides: { scope: 'Shopper', nonce: null } })
    expect(await userinfo(app, noOpenid.accessToken)).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope' },
    })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 606_000 })
    expect((await userinfo(app, login.accessToken)).status).toBe(401)
  })

  it('tells an ID token from an access token also where both name the same audience (RFC 9068 section 4)', async () => {
    const client_id = AUDIENCE
    const sameName = await startTestApp({ config: aConfig({ tenant: { clients: [aClient({ client_id })] } }) })
    const pkce = aPkce()
    const code = await obtainCode(sameName.browser(), pkce, { overrides: { client_id } })
    const { body } = await redeem(sameName, { code, pkce, fields: { client_id } })
    expect(decodeJwt(body.id_token ?? '').aud).toBe(decodeJwt(body.access_token ?? '').aud)
    expect((await userinfo(sameName, body.access_token ?? '')).status).toBe(200)
    expect((await userinfo(sameName, body.id_token ?? '')).status).toBe(401)
    await sameName.close()
  })

  it('takes no token from the address (RFC 6750 section 2.3)', async () => {
    const { accessToken } = await signedIn(app)
    const url = `/demo/userinfo?access_token=${accessToken}`
    const response = await app.server.inject({ method: 'GET', url, headers: { host: new URL(ISSUER).host } })
    expect(response.statusCode).toBeGreaterThanOrEqual(400)
    expect(response.body).not.toContain('sub')
  })

  it('says how to authenticate (RFC 6750 section 3)', async () => {
    const { headers } = await userinfo(app, 'x')
    expect(headers['www-authenticate']).toMatch(/^(Bearer|DPoP) .*error="invalid_token"/)
  })
})

describe('userinfo with DPoP (RFC 9449 section 7)', () => {
  it('answers whoever proves the key', async () => {
    const key = await createDpopKey()
    const { accessToken } = await signedIn(app, { key })
    expect((await userinfo(app, accessToken, { key })).status).toBe(200)
  })

  it('refuses a bound token without its key: as Bearer, or with another key', async () => {
    const key = await createDpopKey()
    const { accessToken } = await signedIn(app, { key })
    expect((await userinfo(app, accessToken)).status).toBe(401)
    expect((await userinfo(app, accessToken, { key: await createDpopKey() })).status).toBe(401)
    const headers = { authorization: `DPoP ${accessToken}` }
    expect((await userinfo(app, accessToken, { headers })).status).toBeGreaterThanOrEqual(400)
  })

  it('refuses an unbound token that comes with a proof', async () => {
    const { accessToken } = await signedIn(app)
    expect((await userinfo(app, accessToken, { key: await createDpopKey() })).status).toBe(401)
  })

  it.each([
    ['of another token', { accessToken: 'another' }],
    ['without a token', { accessToken: undefined }],
    ['for another method', { method: 'POST' }],
    ['for another address', { url: `${ISSUER}/token` }],
    ['for another tenant', { url: 'http://localhost:3000/other/userinfo' }],
    ['of an hour ago', { issuedAt: Math.floor(Date.now() / 1000) - 3600 }],
    ['with a nonce that is not ours', { nonce: 'made-up' }],
  ])('refuses a proof %s (section 4.3)', async (_case, overrides) => {
    const key = await createDpopKey()
    const { accessToken } = await signedIn(app, { key })
    const request = { method: 'GET', url: URL_OF, accessToken, ...overrides }
    const dpop = await key.proof(request as Parameters<typeof key.proof>[0])
    const answer = await userinfo(app, accessToken, { headers: { authorization: `DPoP ${accessToken}`, dpop } })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.body).not.toHaveProperty('sub')
  })
})

describe('a DPoP proof (RFC 9449 section 11.1)', () => {
  describeStores((openTestStore) => {
    it('works once, also of many at the same instant', async () => {
      const node = await startTestApp({ store: await openTestStore() })
      const key = await createDpopKey()
      const { accessToken } = await signedIn(node, { key })
      const dpop = await key.proof({ method: 'GET', url: URL_OF, accessToken })
      const once = () => userinfo(node, accessToken, { headers: { authorization: `DPoP ${accessToken}`, dpop } })
      const answers = await Promise.all(Array.from({ length: 40 }, once))
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      expect((await once()).status).toBeGreaterThanOrEqual(400)
      await node.close()
    })
  })
})

describe('a clock that is an hour off', () => {
  it('gets a nonce, and then its tokens (RFC 9449 section 8)', async () => {
    const key = await createDpopKey()
    const { refreshToken } = await signedIn(app, { key })
    const issuedAt = Math.floor(Date.now() / 1000) - 3600
    const form = { grant_type: 'refresh_token', client_id: 'catalog', refresh_token: refreshToken }
    const tokenUrl = `${ISSUER}/token`
    const first = await postToEndpoint(app, 'token', form, { proof: await key.proof({ url: tokenUrl, issuedAt }) })
    expect(first).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } })
    const nonce = String(first.headers['dpop-nonce'])
    const proof = await key.proof({ url: tokenUrl, issuedAt, nonce })
    expect((await postToEndpoint(app, 'token', form, { proof })).status).toBe(200)
  })
})
