import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aPkce, basicAuth, obtainCode, postToEndpoint, redeem, refresh, signedIn } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aClient, aConfidentialClient, aConfig, ISSUER, ORDERS_SECRET, REDIRECT_URI } from '../test/test-config.ts'

let app: TestApp
beforeAll(async () => {
  const codeOnly = aClient({ client_id: 'code-only', grant_types: ['authorization_code'] })
  const noRefresh = aClient({ client_id: 'no-refresh', refresh_token_ttl: 0 })
  const clients = [aClient(), aConfidentialClient(), codeOnly, noRefresh]
  app = await startTestApp({ config: aConfig({ tenant: { clients } }) })
})
afterAll(() => app.close())

const host = new URL(ISSUER).host
const asForm = { host, 'content-type': 'application/x-www-form-urlencoded' }

async function aRedemption() {
  const pkce = aPkce()
  const code = await obtainCode(app.browser(), pkce)
  const fields = {
    grant_type: 'authorization_code',
    client_id: 'catalog',
    code,
    code_verifier: pkce.verifier,
    redirect_uri: REDIRECT_URI,
  }
  return { pkce, code, fields }
}

describe('a request (RFC 6749 section 3.2)', () => {
  it('is a form, whatever its charset', async () => {
    const { fields } = await aRedemption()
    const headers = { ...asForm, 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }
    const payload = new URLSearchParams(fields).toString()
    const response = await app.server.inject({ method: 'POST', url: '/demo/token', headers, payload })
    expect(response.statusCode).toBe(200)
  })

  it.each([
    ['application/json', (fields: object) => JSON.stringify(fields)],
    ['text/plain', (fields: Record<string, string>) => new URLSearchParams(fields).toString()],
    ['multipart/form-data; boundary=x', () => '--x--'],
  ])('of another kind is refused and spends nothing: %s', async (type, encode) => {
    const { code, pkce, fields } = await aRedemption()
    const headers = { host, 'content-type': type }
    const response = await app.server.inject({ method: 'POST', url: '/demo/token', headers, payload: encode(fields) })
    expect(response.statusCode).toBe(415)
    expect(response.json()).toMatchObject({ error: 'invalid_request' })
    expect((await redeem(app, { code, pkce })).status).toBe(200)
  })

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'] as const)('by %s is refused and spends nothing', async (method) => {
    const { code, pkce, fields } = await aRedemption()
    const response = await app.server.inject({
      method,
      url: `/demo/token?${new URLSearchParams(fields)}`,
      headers: { host },
    })
    expect(response.statusCode).toBe(405)
    expect(response.headers.allow).toBe('POST')
    expect(response.json()).toMatchObject({ error: 'invalid_request' })
    expect((await redeem(app, { code, pkce })).status).toBe(200)
  })

  it('has nothing of its own in the address', async () => {
    const { code, pkce, fields } = await aRedemption()
    const url = `/demo/token?${new URLSearchParams(fields)}`
    const bare = await app.server.inject({ method: 'POST', url, headers: asForm, payload: '' })
    expect(bare.json()).toMatchObject({ error: 'invalid_request' })
    const withSecretOutside = await app.server.inject({
      method: 'POST',
      url: `/demo/token?client_secret=${ORDERS_SECRET}`,
      headers: asForm,
      payload: 'grant_type=refresh_token&client_id=orders&refresh_token=x',
    })
    expect(withSecretOutside.statusCode).toBe(401)
    expect((await redeem(app, { code, pkce })).status).toBe(200)
  })

  it.each(['grant_type', 'code', 'code_verifier', 'redirect_uri', 'scope'])(
    'with a parameter twice is refused: %s',
    async (name) => {
      const { code, pkce, fields } = await aRedemption()
      const form = new URLSearchParams({ ...fields, scope: 'openid' })
      form.append(name, form.get(name) ?? '')
      const response = await app.server.inject({
        method: 'POST',
        url: '/demo/token',
        headers: asForm,
        payload: form.toString(),
      })
      const isUnusedHere = name === 'scope'
      expect(response.statusCode).toBe(isUnusedHere ? 200 : 400)
      if (isUnusedHere) return
      expect(response.json()).toMatchObject({ error: 'invalid_request' })
      expect((await redeem(app, { code, pkce })).status).toBe(200)
    },
  )

  it('with a parameter too long or too many is refused', async () => {
    const long = await postToEndpoint(app, 'token', {
      grant_type: 'refresh_token',
      client_id: 'catalog',
      refresh_token: 'x',
      scope: 'x'.repeat(4001),
    })
    expect(long).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`p${index}`, 'x']))
    expect(await postToEndpoint(app, 'token', many)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })
})

describe('a grant', () => {
  const refusal = expect.stringMatching(/^(unauthorized_client|invalid_request|unsupported_grant_type)$/)

  it.each([
    ['refresh_token', { client_id: 'code-only', refresh_token: 'x' }, {}],
    ['password', { client_id: 'catalog', username: 'ada', password: 'copper kettle at dawn' }, {}],
    ['client_credentials', {}, basicAuth()],
    ['implicit', { client_id: 'catalog' }, {}],
    ['urn:portico:grant-type:guest', { client_id: 'code-only' }, {}],
    ['urn:portico:grant-type:member', { member_id: '1' }, basicAuth()],
    ['urn:ietf:params:oauth:grant-type:token-exchange', {}, basicAuth()],
    ['urn:ietf:params:oauth:grant-type:device_code', { client_id: 'catalog' }, {}],
    ['__proto__', { client_id: 'catalog' }, {}],
  ])('the client does not hold issues nothing: %s (RFC 6749 section 5.2)', async (grant_type, fields, headers) => {
    const answer = await postToEndpoint(app, 'token', { grant_type, ...fields }, { headers })
    expect(answer).toMatchObject({ status: 400, body: { error: refusal } })
    expect(answer.body).not.toHaveProperty('access_token')
  })

  it('is named in every request', async () => {
    expect(await postToEndpoint(app, 'token', { client_id: 'catalog' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    })
  })

  it.each(['code-only', 'no-refresh'])('that takes no refresh token gets none: %s', async (client_id) => {
    const pkce = aPkce()
    const code = await obtainCode(app.browser(), pkce, {
      overrides: { client_id, scope: 'openid offline_access', prompt: 'consent' },
    })
    const { status, body } = await redeem(app, { code, pkce, fields: { client_id } })
    expect(status).toBe(200)
    expect(body).not.toHaveProperty('refresh_token')
    expect(body).not.toHaveProperty('refresh_token_expires_in')
  })
})

describe('an answer (RFC 6749 section 5.1)', () => {
  it('is JSON that nobody stores', async () => {
    const { code, pkce } = await aRedemption()
    const won = await redeem(app, { code, pkce })
    const lost = await redeem(app, { code, pkce })
    expect([won.status, lost.status]).toEqual([200, 400])
    for (const { headers } of [won, lost]) {
      expect(headers['content-type']).toMatch(/^application\/json/)
      expect(headers['cache-control']).toBe('no-store')
    }
  })

  it('says type, life and scope of the tokens', async () => {
    const { answer, refreshToken } = await signedIn(app)
    for (const body of [answer, (await refresh(app, { token: refreshToken })).body]) {
      expect(body).toMatchObject({
        token_type: 'Bearer',
        expires_in: 600,
        scope: 'openid profile',
        session_id: answer.session_id,
        refresh_token_expires_in: expect.any(Number),
        access_token_expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
        refresh_token_expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
      })
    }
  })

  it('names the scope that was granted when less was than asked for (RFC 6749 section 3.3)', async () => {
    const { answer } = await signedIn(app, { overrides: { scope: 'openid profile made-up portico:admin' } })
    expect(answer.scope).toBe('openid profile')
  })

  it('without an ID token also works for a client that asked for no openid', async () => {
    const { answer } = await signedIn(app, { overrides: { scope: 'Shopper', nonce: null } })
    expect(answer).toMatchObject({ scope: 'Shopper', access_token: expect.any(String) })
    expect(answer).not.toHaveProperty('id_token')
  })

  it('never tells what went wrong inside', async () => {
    const answer = await postToEndpoint(app, 'token', {
      grant_type: 'refresh_token',
      client_id: 'catalog',
      refresh_token: 'x',
    })
    expect(Object.keys(answer.body).sort()).toEqual(['error', 'error_description'])
    expect(answer.body.error_description).toBe('grant request is invalid')
  })
})
