import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { basicAuth, postToEndpoint } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { APP_ORIGIN, ORIGIN } from '../test/test-config.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const EXPOSED = 'Date, DPoP-Nonce, Retry-After, WWW-Authenticate'

function send(
  method: 'GET' | 'POST' | 'OPTIONS',
  url: string,
  origin: string | undefined,
  headers: Record<string, string> = {},
) {
  return app.server.inject({
    method,
    url,
    headers: { host: new URL(ORIGIN).host, ...(origin !== undefined && { origin }), ...headers },
  })
}

function preflight(url: string, origin: string) {
  return send('OPTIONS', url, origin, {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type,dpop',
  })
}

const forClients = ['/demo/token', '/demo/par', '/demo/revoke', '/demo/userinfo']
const forAnyone = [
  '/demo/jwks',
  '/demo/.well-known/openid-configuration',
  '/demo/.well-known/oauth-authorization-server',
]
const forNobody = ['/demo/authorize', '/demo/logout', '/demo/introspect', '/demo/interaction/nonsense', '/healthz', '/']

/** None of them is registered; each looks like one that is. */
const strangers = [
  'null',
  'http://localhost:3001.evil.test',
  'http://localhost:30011',
  'http://localhost',
  'https://localhost:3001',
  'http://LOCALHOST:3001',
  'http://evil.test?http://localhost:3001',
  'http://localhost:3001/',
  'http://notlocalhost:3001',
  '*',
  '',
]

describe.each(forClients)('%s', (url) => {
  test('may be read by the registered origin, exactly', async () => {
    const { headers } = await send('POST', url, APP_ORIGIN, { 'content-type': 'application/x-www-form-urlencoded' })
    expect(headers).toMatchObject({
      'access-control-allow-origin': APP_ORIGIN,
      'access-control-expose-headers': EXPOSED,
      'cross-origin-resource-policy': 'cross-origin',
      vary: expect.stringContaining('Origin'),
    })
    expect(headers['access-control-allow-credentials']).toBeUndefined()
  })

  test('says so before it is asked', async () => {
    const response = await preflight(url, APP_ORIGIN)
    expect(response.statusCode).toBe(204)
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': APP_ORIGIN,
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': 'Authorization, Content-Type, DPoP, X-Request-Label',
    })
    expect(response.headers['access-control-allow-credentials']).toBeUndefined()
  })

  test.each(strangers)('may not be read by %j', async (origin) => {
    for (const response of [await send('POST', url, origin), await preflight(url, origin)]) {
      expect(response.headers['access-control-allow-origin']).toBeUndefined()
      expect(response.headers['access-control-allow-methods']).toBeUndefined()
      expect(response.headers.vary).toContain('Origin')
    }
  })
})

describe.each(forAnyone)('%s', (url) => {
  test('may be read by everybody, without credentials', async () => {
    for (const origin of ['https://anywhere.test', 'null', undefined]) {
      const { headers, statusCode } = await send('GET', url, origin)
      expect(statusCode).toBe(200)
      expect(headers['access-control-allow-origin']).toBe('*')
      expect(headers['access-control-allow-credentials']).toBeUndefined()
    }
    expect((await preflight(url, 'https://anywhere.test')).headers['access-control-allow-origin']).toBe('*')
  })
})

describe.each(forNobody)('%s', (url) => {
  test.each([APP_ORIGIN, 'null', ORIGIN])('may not be read by %s (RFC 9700 section 2.6)', async (origin) => {
    for (const response of [
      await send('GET', url, origin),
      await send('POST', url, origin),
      await preflight(url, origin),
    ]) {
      const names = Object.keys(response.headers).filter((name) => name.startsWith('access-control-'))
      expect(names).toEqual([])
    }
  })
})

describe('an app can read', () => {
  test('why its request was refused', async () => {
    const refused = await postToEndpoint(app, 'token', { grant_type: 'nonsense' }, { headers: { origin: APP_ORIGIN } })
    expect(refused.status).toBe(400)
    expect(refused.headers['access-control-allow-origin']).toBe(APP_ORIGIN)
  })

  test('that its request was too large', async () => {
    const fields = { grant_type: 'x'.repeat(100_000) }
    const refused = await postToEndpoint(app, 'token', fields, { headers: { origin: APP_ORIGIN } })
    expect(refused.status).toBe(413)
    expect(refused.headers['access-control-allow-origin']).toBe(APP_ORIGIN)
  })

  test('the nonce its proofs need', async () => {
    const response = await send('POST', '/demo/token', APP_ORIGIN, { dpop: 'nonsense', ...basicAuth() })
    expect(response.headers['access-control-expose-headers']).toContain('DPoP-Nonce')
  })
})
