import { SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { aPkce, basicAuth, obtainCode, postToEndpoint, redeem, type TokenResponse } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aClient, aConfidentialClient, aConfig, ISSUER, ORDERS_SECRET, REDIRECT_URI } from '../test/test-config.ts'

const NEXT_SECRET = 'next-secret-0123456789abcdef-%+&:='
const ENDED_SECRET = 'ended-secret-0123456789abcdef'
const ENDS_AT = '2026-12-01T00:00:00Z'

let app: TestApp
beforeAll(async () => {
  const orders = aConfidentialClient({
    client_secrets: [{ value: NEXT_SECRET }, { value: ENDED_SECRET, expires_at: ENDS_AT }],
  })
  const changing = aConfidentialClient({
    client_id: 'changing',
    client_secret: undefined,
    client_secrets: [{ value: ENDED_SECRET, expires_at: ENDS_AT }],
  })
  const closed = aConfidentialClient({ client_id: 'closed', active: false })
  const clients = [aClient(), orders, changing, closed]
  app = await startTestApp({ config: aConfig({ tenant: { clients } }) })
})
afterAll(() => app.close())
afterEach(() => vi.useRealTimers())

/** A refresh with a token nobody has: a client that is let in gets `invalid_grant`. */
function knock(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<TokenResponse> {
  return postToEndpoint(app, 'token', { grant_type: 'refresh_token', refresh_token: 'x', ...fields }, { headers })
}

const letIn = { status: 400, body: { error: 'invalid_grant' } }
const refused = { status: 401, body: { error: 'invalid_client' } }
const faulty = { status: 400, body: { error: 'invalid_request' } }

function basicEncoded(clientId: string, secret: string): Record<string, string> {
  return basicAuth(encodeURIComponent(clientId), encodeURIComponent(secret))
}

describe('a client with a secret', () => {
  it('shows it by Basic or in the form (RFC 6749 section 2.3.1)', async () => {
    expect(await knock({}, basicAuth())).toMatchObject(letIn)
    expect(await knock({ client_id: 'orders', client_secret: ORDERS_SECRET })).toMatchObject(letIn)
    expect(await knock({ client_id: 'orders' }, basicAuth())).toMatchObject(letIn)
  })

  it('may have two while one replaces the other', async () => {
    expect(await knock({}, basicEncoded('orders', NEXT_SECRET))).toMatchObject(letIn)
    expect(await knock({ client_id: 'orders', client_secret: NEXT_SECRET })).toMatchObject(letIn)
  })

  it('can use one until it ends, and is not public afterwards', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(ENDS_AT) - 1000 })
    for (const id of ['orders', 'changing']) expect(await knock({}, basicAuth(id, ENDED_SECRET))).toMatchObject(letIn)
    vi.setSystemTime(Date.parse(ENDS_AT))
    for (const id of ['orders', 'changing']) {
      expect(await knock({}, basicAuth(id, ENDED_SECRET))).toMatchObject(refused)
      expect(await knock({ client_id: id })).toMatchObject(refused)
    }
  })

  it.each([
    'checked elsewhere',
    ORDERS_SECRET.slice(0, -1),
    `${ORDERS_SECRET}x`,
    ORDERS_SECRET.toUpperCase(),
    'undefined',
  ])('is refused with any other: %s', async (secret) => {
    expect(await knock({}, basicAuth('orders', secret))).toMatchObject(refused)
    expect(await knock({ client_id: 'orders', client_secret: secret })).toMatchObject(refused)
  })

  it('is refused without one', async () => {
    expect(await knock({ client_id: 'orders' })).toMatchObject(refused)
  })
})

describe('a public client', () => {
  it('names itself', async () => {
    expect(await knock({ client_id: 'catalog' })).toMatchObject(letIn)
  })

  it('has no secret that could be right', async () => {
    expect(await knock({ client_id: 'catalog', client_secret: 'checked elsewhere' })).toMatchObject(refused)
    expect(await knock({}, basicAuth('catalog', 'checked elsewhere'))).toMatchObject(refused)
  })
})

describe('a refusal', () => {
  it('is the same for an unknown client, a closed one and a wrong secret (RFC 6749 section 5.2)', async () => {
    const ways = [
      (id: string) => knock({}, basicAuth(id, 'not-the-secret')),
      (id: string) => knock({ client_id: id, client_secret: 'not-the-secret' }),
      (id: string) => knock({ client_id: id }),
    ]
    for (const way of ways) {
      const answers = await Promise.all(['orders', 'closed', 'nobody'].map(way))
      const [first] = answers
      expect(first).toMatchObject(refused)
      expect(await knock({}, basicAuth('closed'))).toMatchObject(refused)
      for (const answer of answers) {
        expect(answer.body).toEqual(first?.body)
        expect(answer.headers['www-authenticate']).toEqual(first?.headers['www-authenticate'])
        expect(answer.headers['cache-control']).toBe('no-store')
      }
    }
  })

  it('names Basic to a client that used it (RFC 6749 section 5.2)', async () => {
    const { headers } = await knock({}, basicAuth('orders', 'not-the-secret'))
    expect(headers['www-authenticate']).toMatch(/^Basic realm="/)
  })

  it.each(['revoke', 'introspect', 'par'])('is the same at /%s', async (endpoint) => {
    for (const id of ['orders', 'closed', 'nobody']) {
      expect(await postToEndpoint(app, endpoint, { token: 'x' }, { headers: basicAuth(id, 'wrong') })).toMatchObject(
        refused,
      )
    }
  })

  it('does not tell how long the right beginning of a secret was', async () => {
    const near = await knock({}, basicAuth('orders', `${ORDERS_SECRET.slice(0, -1)}X`))
    const far = await knock({}, basicAuth('orders', 'X'))
    expect(near.body).toEqual(far.body)
  })
})

describe('two ways at once are refused (RFC 6749 section 2.3)', () => {
  it('Basic beside a secret in the form, also where both are right', async () => {
    expect(await knock({ client_id: 'orders', client_secret: ORDERS_SECRET }, basicAuth())).toMatchObject(faulty)
    expect(await knock({ client_secret: ORDERS_SECRET }, basicAuth())).toMatchObject(faulty)
  })

  it('Basic beside another client_id', async () => {
    expect(await knock({ client_id: 'catalog' }, basicAuth())).toMatchObject(faulty)
  })

  it('two secrets, or two ids, in the form', async () => {
    for (const name of ['client_id', 'client_secret']) {
      const form = new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: 'x',
        client_id: 'orders',
        client_secret: ORDERS_SECRET,
      })
      form.append(name, form.get(name) ?? '')
      const response = await app.server.inject({
        method: 'POST',
        url: '/demo/token',
        headers: { host: new URL(ISSUER).host, 'content-type': 'application/x-www-form-urlencoded' },
        payload: form.toString(),
      })
      expect({ status: response.statusCode, body: response.json() }).toMatchObject(faulty)
    }
  })
})

describe('a signed assertion (RFC 7523)', () => {
  const assertionFor = (id: string) =>
    new SignJWT({ jti: 'x' })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(id)
      .setSubject(id)
      .setAudience(ISSUER)
      .setExpirationTime('1 minute')
      .setIssuedAt()
      .sign(new TextEncoder().encode(ORDERS_SECRET))

  async function assertion(id: string): Promise<Record<string, string>> {
    return {
      client_assertion: await assertionFor(id),
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    }
  }

  it('proves nothing: no client can register a key', async () => {
    expect(await knock(await assertion('orders'))).toMatchObject(faulty)
    expect(await knock({ client_id: 'orders', ...(await assertion('orders')) })).toMatchObject(faulty)
  })

  it('is refused also beside something that would have been enough', async () => {
    expect(await knock(await assertion('orders'), basicAuth())).toMatchObject(faulty)
    expect(await knock({ client_id: 'catalog', ...(await assertion('catalog')) })).toMatchObject(faulty)
    const guest = { grant_type: 'urn:portico:grant-type:guest', client_id: 'catalog', ...(await assertion('catalog')) }
    expect(await postToEndpoint(app, 'token', guest)).toMatchObject(faulty)
  })

  it.each(['revoke', 'introspect', 'par'])('is refused at /%s', async (endpoint) => {
    const fields = { token: 'x', ...(await assertion('orders')) }
    expect(await postToEndpoint(app, endpoint, fields, { headers: basicAuth() })).toMatchObject(faulty)
  })
})

describe('a header that makes no sense is refused', () => {
  it.each([
    'Basic',
    'Basic !!!',
    'Bearer x',
    `Basic ${Buffer.from('orders').toString('base64')}`,
    'Basic b3JkZXJzOg==',
  ])('%s', async (authorization) => {
    const { status, body } = await knock({}, { authorization })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(['invalid_request', 'invalid_client']).toContain(body.error)
  })
})

it('tokens are issued by either way to a client with a secret', async () => {
  const overrides = {
    client_id: 'orders',
    redirect_uri: 'http://localhost:3002/callback',
    code_challenge: null,
    code_challenge_method: null,
  }
  const redeemAs = async (fields: Record<string, string>, headers: Record<string, string>) => {
    const code = await obtainCode(app.browser(), aPkce(), { overrides })
    const form = { grant_type: 'authorization_code', code, redirect_uri: overrides.redirect_uri }
    return postToEndpoint(app, 'token', { ...form, ...fields }, { headers })
  }
  expect((await redeemAs({}, basicAuth())).status).toBe(200)
  expect((await redeemAs({ client_id: 'orders', client_secret: ORDERS_SECRET }, {})).status).toBe(200)
  expect((await redeemAs({ client_id: 'orders' }, {})).status).toBe(401)
})

it('a failed authentication does not spend the code', async () => {
  const pkce = aPkce()
  const code = await obtainCode(app.browser(), pkce)
  const form = { grant_type: 'authorization_code', code, code_verifier: pkce.verifier, redirect_uri: REDIRECT_URI }
  expect(await postToEndpoint(app, 'token', form, { headers: basicAuth('orders', 'wrong') })).toMatchObject(refused)
  expect((await redeem(app, { code, pkce })).status).toBe(200)
})
