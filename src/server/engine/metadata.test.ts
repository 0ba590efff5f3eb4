import { decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signedIn } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { AUDIENCE, aConfig, ISSUER, ORIGIN } from '../test/test-config.ts'

const host = new URL(ORIGIN).host

let app: TestApp
beforeAll(async () => {
  const other = { audience: AUDIENCE, clients: [], users: [] }
  const { tenants } = aConfig()
  app = await startTestApp({ config: { ...aConfig(), tenants: { ...tenants, other: otherTenant(other) } } })
})
afterAll(() => app.close())

function otherTenant(tenant: object) {
  const { other } = aConfig({ file: { tenants: { other: tenant } } }).tenants
  if (!other) throw new Error('the tenant is in the file')
  return other
}

async function read(path: string, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const response = await app.server.inject({ method: 'GET', url: path, headers: { host, ...headers } })
  expect(response.statusCode).toBe(200)
  expect(response.headers['content-type']).toMatch(/^application\/(json|jwk-set\+json)/)
  return response.json()
}

const WELL_KNOWN = ['openid-configuration', 'oauth-authorization-server'].map((name) => `/.well-known/${name}`)

describe.each(WELL_KNOWN)('the metadata at %s', (path) => {
  it('names as issuer the address it was read from, for each tenant (RFC 8414 section 3.3)', async () => {
    for (const tenant of ['demo', 'other']) {
      expect((await read(`/${tenant}${path}`)).issuer).toBe(`${ORIGIN}/${tenant}`)
    }
  })

  it('puts every address on the configured origin, below the tenant', async () => {
    const addresses = addressesIn(await read(`/demo${path}`))
    expect(addresses.length).toBeGreaterThanOrEqual(9)
    for (const address of addresses) expect(address).toMatch(new RegExp(`^${ISSUER}(/|$)`))
  })

  it('lists S256 as the only challenge method (RFC 9700 section 2.1.1)', async () => {
    expect((await read(`/demo${path}`)).code_challenge_methods_supported).toEqual(['S256'])
  })

  it('says that every answer carries iss (RFC 9207 section 3)', async () => {
    expect((await read(`/demo${path}`)).authorization_response_iss_parameter_supported).toBe(true)
  })

  it('lists the ways a client can authenticate, none of them by a signed assertion', async () => {
    const metadata = await read(`/demo${path}`)
    expect(metadata.token_endpoint_auth_methods_supported).toEqual([
      'none',
      'client_secret_basic',
      'client_secret_post',
    ])
    expect(JSON.stringify(metadata)).not.toMatch(/private_key_jwt|client_secret_jwt|tls_client_auth/)
  })

  it('lists what is served and nothing else', async () => {
    const metadata = await read(`/demo${path}`)
    expect(metadata).toMatchObject({
      response_types_supported: expect.arrayContaining(['code', 'id_token', 'id_token token']),
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: expect.arrayContaining(['RS256', 'ES256']),
      dpop_signing_alg_values_supported: ['ES256', 'Ed25519'],
      request_uri_parameter_supported: false,
      response_modes_supported: expect.arrayContaining(['query', 'fragment', 'form_post', 'web_message']),
    })
    expect(metadata).not.toHaveProperty('registration_endpoint')
    expect(metadata).not.toHaveProperty('token_endpoint_auth_signing_alg_values_supported')
    expect(metadata).not.toHaveProperty('device_authorization_endpoint')
  })

  it.each([
    ['Host', { host: 'evil.test' }],
    ['Host with our name in it', { host: `${host}.evil.test` }],
    ['Host of another port', { host: 'localhost:3009' }],
  ])('is not given to whoever asks another host: %s', async (_case, headers) => {
    const response = await app.server.inject({ method: 'GET', url: `/demo${path}`, headers })
    expect(response.statusCode).toBe(421)
    expect(response.body).not.toContain('evil.test')
  })

  it.each([
    ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.test' }],
    ['X-Forwarded-Proto', { 'x-forwarded-proto': 'https' }],
    ['X-Forwarded-Prefix', { 'x-forwarded-prefix': '/evil' }],
    ['Forwarded', { forwarded: 'host=evil.test;proto=https' }],
    ['X-Original-URL', { 'x-original-url': '/evil' }],
  ])("is the same whatever a stranger's %s says", async (_case, headers) => {
    expect(await read(`/demo${path}`, headers as unknown as Record<string, string>)).toEqual(await read(`/demo${path}`))
  })
})

describe('the key set (RFC 7517)', () => {
  interface Jwk {
    kid: string
    alg: string
    use: string
  }

  const keysOf = async (tenant: string) => (await read(`/${tenant}/jwks`)).keys as Jwk[]

  it('holds public parts only, for signing, each under an id of its own', async () => {
    const keys = await keysOf('demo')
    expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256'])
    for (const key of keys) {
      expect(key.use).toBe('sig')
      expect(Object.keys(key)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(d|p|q|dp|dq|qi|oth|k)$/)]))
    }
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length)
  })

  it('shares no key with another tenant', async () => {
    const ids = [...(await keysOf('demo')), ...(await keysOf('other'))].map(({ kid }) => kid)
    expect(new Set(ids).size).toBe(4)
  })

  it('holds the key of every token', async () => {
    const { accessToken, idToken } = await signedIn(app)
    const ids = (await keysOf('demo')).map(({ kid }) => kid)
    for (const token of [accessToken, idToken]) expect(ids).toContain(decodeProtectedHeader(token).kid)
  })

  it('stays the same after a restart', async () => {
    const before = await keysOf('demo')
    const restarted = await startTestApp({ store: app.store })
    const response = await restarted.server.inject({ method: 'GET', url: '/demo/jwks', headers: { host } })
    await restarted.close()
    expect(response.json().keys).toEqual(before)
  })
})

function addressesIn(metadata: Record<string, unknown>): string[] {
  return Object.values(metadata).filter((value): value is string => typeof value === 'string' && /^https?:/.test(value))
}
