import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aPkce, basicAuth, obtainCode, startGuest, type TokenResponse } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { ADA, aConfidentialClient, aConfig, aGuestClient, BEN, ISSUER, REDIRECT_URI } from '../test/test-config.ts'

const SECRET = 'members-secret-0123456789abcdef'
const GUEST_GRANT = 'urn:portico:grant-type:guest'
const MEMBER_GRANT = 'urn:portico:grant-type:member'
const grants = ['authorization_code', 'refresh_token', 'password', 'client_credentials', MEMBER_GRANT]

let app: TestApp
beforeAll(async () => {
  const clients = [
    aGuestClient({ grant_types: ['authorization_code', 'refresh_token', 'password', GUEST_GRANT] }),
    aConfidentialClient(),
    aConfidentialClient({
      client_id: 'members',
      client_secret: SECRET,
      grant_types: grants,
      max_roles: ['Shopper', 'MeAdmin'],
    }),
  ]
  const users = [
    { ...ADA, roles: ['Shopper'], member_id: 1001 },
    { ...BEN, roles: ['Shopper', 'MeAdmin'] },
    { username: 'visitor', guest_template: true, roles: ['Browser'] },
  ]
  app = await startTestApp({ config: aConfig({ tenant: { compat: { acp: {} }, clients, users } }) })
})
afterAll(() => app.close())

const host = new URL(ISSUER).host

async function send(
  type: string,
  payload: string | Buffer,
  headers: Record<string, string> = {},
): Promise<TokenResponse> {
  const all = { host, 'content-type': type, ...headers }
  const answer = await app.server.inject({ method: 'POST', url: '/demo/token', headers: all, payload })
  return { status: answer.statusCode, headers: answer.headers, body: answer.json() }
}

const asJson = (members: object | string, headers?: Record<string, string>) =>
  send('application/json', typeof members === 'string' ? members : JSON.stringify(members), headers)
const asForm = (fields: Record<string, string>) =>
  send('application/x-www-form-urlencoded', new URLSearchParams(fields).toString())

const secret = { client_id: 'members', client_secret: SECRET }
const password = { grant_type: 'password', ...secret, ...ADA }

/** What differs between any two answers. */
function shapeOf({ status, body }: TokenResponse) {
  const claims = decodeJwt(body.access_token ?? '')
  const shape = Object.fromEntries(Object.entries(body).map(([name, value]) => [name, typeof value]))
  return { status, shape, scope: body.scope, roles: claims.roles, client: claims.client_id }
}

describe('a token request in JSON, where the tenant answers for an API that sends it', () => {
  const aCode = async () => {
    const pkce = aPkce()
    const code = await obtainCode(app.browser(), pkce)
    return { code, code_verifier: pkce.verifier, redirect_uri: REDIRECT_URI, client_id: 'catalog' }
  }
  const aRefreshToken = async () => ({ refresh_token: String((await asForm(password)).body.refresh_token), ...secret })

  it.each<[string, () => Promise<Record<string, string>>]>([
    ['authorization_code', aCode],
    ['password', async () => password],
    ['client_credentials', async () => secret],
    ['refresh_token', aRefreshToken],
    [MEMBER_GRANT, async () => ({ ...secret, member_id: '1001' })],
    [GUEST_GRANT, async () => ({ client_id: 'catalog' })],
    ['refresh_token', async () => ({ refresh_token: (await startGuest(app)).refreshToken, client_id: 'catalog' })],
  ])('is answered like a form: %s', async (grant_type, fields) => {
    const inJson = await asJson({ ...(await fields()), grant_type })
    expect(inJson.status).toBe(200)
    expect(inJson.headers['cache-control']).toBe('no-store')
    expect(shapeOf(inJson)).toEqual(shapeOf(await asForm({ ...(await fields()), grant_type })))
  })

  it('may name what is a number as one, leave out by null, and list what is a list', async () => {
    const member = await asJson({ ...secret, grant_type: MEMBER_GRANT, member_id: 1001, sso_id: null, scope: null })
    expect(decodeJwt(member.body.access_token ?? '').roles).toEqual(['Shopper'])
    const lists = { ...password, ...BEN, scope: ['openid', 'Shopper'], custom_roles: ['MeAdmin'] }
    const listed = await asJson(lists)
    expect(listed.body.scope).toBe('openid Shopper MeAdmin')
    expect((await asJson({ ...password, ...BEN, scope: [], custom_roles: [] })).body.scope).toBe('profile')
    expect((await asJson({ ...password, ...BEN, custom_roles: ['MeAdmin'] })).body.scope).toBe('MeAdmin')
  })

  it('may begin with a byte order mark, say its charset, and carry members nobody knows', async () => {
    const payload = `\ufeff${JSON.stringify({ ...password, whatever: 'x' })}`
    expect((await send('application/json; charset=UTF-8', payload)).status).toBe(200)
  })

  it('shows the secret by Basic as well, and never twice', async () => {
    const { client_secret: _secret, ...rest } = password
    expect((await asJson(rest, basicAuth('members', SECRET))).status).toBe(200)
    expect(await asJson(password, basicAuth('members', SECRET))).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    })
  })

  it.each<[string, object | string, RegExp]>([
    ['a number where a text belongs', { ...password, username: 42 }, /^username must be a text$/],
    ['a truth value', { ...password, password: true }, /^password must be a text$/],
    ['an object', { ...password, client_id: { a: 1 } }, /^client_id must be a text$/],
    ['an object nobody asked for', { ...password, extra: { a: 1 } }, /^extra must be a text$/],
    ['a list where a text belongs', { ...password, username: ['ada'] }, /^username must be a text$/],
    ['a fraction', { ...secret, grant_type: MEMBER_GRANT, member_id: 1.5 }, /^member_id must be a whole number$/],
    ['a list of lists', { ...password, scope: [['openid']] }, /^scope must be a text or a list of words$/],
    ['a list of numbers', { ...password, scope: [1] }, /^scope must be a text or a list of words$/],
    ['a list with two words in one', { ...password, custom_roles: ['Shopper MeAdmin'] }, /^custom_roles must be/],
    [
      'a member twice',
      `{"grant_type":"password","scope":"openid","scope":"MeAdmin"}`,
      /^'scope' parameter must not be/,
    ],
    ['a member twice, once escaped', String.raw`{"scope":"openid","s\u0063ope":"MeAdmin"}`, /^'scope' parameter/],
    ['no object', '[]', /^the body must be a JSON object$/],
    ['null', 'null', /^the body must be a JSON object$/],
    ['nothing', '', /^the body is not JSON$/],
    ['half of it', '{"grant_type":', /^the body is not JSON$/],
    ['a form', 'grant_type=password', /^the body is not JSON$/],
    ['an endless nest', '['.repeat(30_000), /^the body is not JSON$/],
    ['a member too long', { ...password, username: 'x'.repeat(4_001) }, /^username is longer than/],
    [
      'too many members',
      Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`m${index}`, 'x'])),
      /^at most 100 parameters/,
    ],
  ])('is refused for %s', async (_what, members, reason) => {
    const answer = await asJson(members)
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect(answer.body.error_description).toMatch(reason)
  })

  it('takes what looks like a member inside a text for text', async () => {
    const answer = await asJson({ ...password, username: 'a","password":"x', state: '"password":' })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  it('may name no prototype', async () => {
    const answer = await asJson(`{"__proto__":"x","constructor":"x","grant_type":"__proto__","client_id":"catalog"}`)
    expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } })
  })

  it('is refused in other bytes than UTF-8', async () => {
    const payload = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])
    expect(await send('application/json', payload)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    const otherwise = await send('application/json; charset=utf-16', JSON.stringify(password))
    expect(otherwise).toMatchObject({ status: 415, body: { error: 'invalid_request' } })
  })

  it.each(['text/plain', 'text/json', 'application/x-ndjson', 'multipart/form-data; boundary=x'])(
    'is refused as %s',
    async (type) => {
      const answer = await send(type, JSON.stringify(password))
      expect(answer).toMatchObject({ status: 415, body: { error: 'invalid_request' } })
      expect(answer.body.error_description).toContain('application/json')
    },
  )
})
