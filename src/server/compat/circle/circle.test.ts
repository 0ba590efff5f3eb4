import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { AUDIENCE, aClient, aConfig, ISSUER, ORIGIN } from '../../test/test-config.ts'
import { disablePerson } from '../../users/disable-person.ts'

const APP_TOKEN = 'app-token-0123456789abcdef-community'
const ACCESS_SECONDS = 3_600
const REFRESH_SECONDS = 2_592_000
const MEMBER_GRANT = 'urn:portico:grant-type:member'

const aCommunity = (overrides: Record<string, unknown> = {}) => ({
  client_id: 'community',
  client_secret: APP_TOKEN,
  grant_types: [MEMBER_GRANT, 'refresh_token'],
  mint: { email: true },
  access_token_ttl: ACCESS_SECONDS,
  refresh_token_ttl: REFRESH_SECONDS,
  ...overrides,
})

const users = [
  { username: 'ada', email: 'ada@demo.test', email_verified: true, member_id: 1001, sso_id: 'acme|ada' },
  { username: 'ben', email: 'ben@demo.test', email_verified: true, member_id: 1002 },
]

const configFor = (client = aCommunity()) =>
  aConfig({
    tenant: { community_id: 7, compat: { circle: { client_id: 'community' } }, clients: [aClient(), client], users },
  })

let app: TestApp
beforeAll(async () => {
  app = await startTestApp({ config: configFor() })
})
afterAll(() => app.close())
afterEach(() => vi.useRealTimers())

interface Sent {
  body?: unknown
  bearer?: string | undefined
  headers?: Record<string, string>
  server?: TestApp
}

/** As their SDK does: JSON, with the app token as bearer. */
async function send(method: 'GET' | 'POST' | 'PATCH', path: string, sent: Sent = {}) {
  const { body, bearer = APP_TOKEN, headers = {}, server = app } = sent
  const response = await server.server.inject({
    method,
    url: `/demo/api/v1/headless/${path}`,
    headers: {
      host: new URL(ORIGIN).host,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  })
  return { status: response.statusCode, headers: response.headers, text: response.body, body: parsed(response.body) }
}

const parsed = (text: string) => (text === '' ? {} : JSON.parse(text))
const mint = (body: object, sent: Sent = {}) => send('POST', 'auth_token', { ...sent, body })
const renew = (refresh_token: string, sent: Sent = {}) =>
  send('PATCH', 'access_token/refresh', { ...sent, body: { refresh_token } })
const revokeRefresh = (refresh_token: string, sent: Sent = {}) =>
  send('POST', 'refresh_token/revoke', { ...sent, body: { refresh_token } })
const revokeAccess = (access_token: string, sent: Sent = {}) =>
  send('POST', 'access_token/revoke', { ...sent, body: { access_token } })

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Seconds from now. */
const secondsTo = (iso: string) => Math.round((Date.parse(iso) - Date.now()) / 1000)

/** Whether our own introspection takes the token for good. */
async function isActive(token: string): Promise<boolean> {
  const response = await app.server.inject({
    method: 'POST',
    url: '/demo/introspect',
    headers: { host: new URL(ORIGIN).host, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ token, client_id: 'community', client_secret: APP_TOKEN }).toString(),
  })
  return response.json().active
}

async function lastAudit(event: string) {
  const rows = await app.store.db
    .selectFrom('audit')
    .selectAll()
    .where('event', '=', event as never)
    .orderBy('at')
    .execute()
  return rows.at(-1)
}

describe('a member’s token', () => {
  test.each([
    ['an SSO id', { sso_user_id: 'acme|ada' }],
    ['an SSO id by its other name', { sso_id: 'acme|ada' }],
    ['a member id', { community_member_id: 1001 }],
    ['a member id as text', { community_member_id: '1001' }],
    ['an email', { email: ' Ada@Demo.test ' }],
  ])('is had by %s, with every documented field', async (_name, fields) => {
    const { status, headers, body } = await mint(fields)
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('no-store')
    expect(body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.stringMatching(/^[\w-]+$/),
      access_token_expires_at: expect.stringMatching(ISO),
      refresh_token_expires_at: expect.stringMatching(ISO),
      community_member_id: 1001,
      community_id: 7,
    })
    expect(secondsTo(body.access_token_expires_at)).toBeCloseTo(ACCESS_SECONDS, -1)
    expect(secondsTo(body.refresh_token_expires_at)).toBeCloseTo(REFRESH_SECONDS, -1)
  })

  test('says who the member is, in their words and ours', async () => {
    const { body } = await mint({ sso_user_id: 'acme|ada' })
    expect(decodeJwt(body.access_token)).toMatchObject({
      community_id: 7,
      community_member_id: 1001,
      sso_user_id: 'acme|ada',
      exp: expect.any(Number),
      jti: expect.any(String),
      iss: ISSUER,
      aud: AUDIENCE,
      client_id: 'community',
    })
    const { body: ben } = await mint({ community_member_id: 1002 })
    expect(decodeJwt(ben.access_token)).toMatchObject({ community_member_id: 1002, sso_user_id: null })
  })

  test('is the surest name’s where several are sent', async () => {
    const { body } = await mint({ sso_user_id: 'acme|ada', community_member_id: 1002, email: 'ben@demo.test' })
    expect(body.community_member_id).toBe(1001)
    expect((await mint({ community_member_id: 1002, email: 'ada@demo.test' })).body.community_member_id).toBe(1002)
    expect((await mint({ sso_user_id: null, email: 'ben@demo.test' })).body.community_member_id).toBe(1002)
  })

  test('leaves those minted before it alone', async () => {
    const first = await mint({ community_member_id: 1001 })
    await mint({ community_member_id: 1001 })
    expect(await isActive(first.body.access_token)).toBe(true)
    expect((await renew(first.body.refresh_token)).status).toBe(200)
  })

  test('is audited with the client and the kind of name, never the name', async () => {
    await mint({ email: 'ben@demo.test' })
    const entry = await lastAudit('token.issued')
    expect(entry?.client_id).toBe('community')
    expect(JSON.parse(entry?.detail ?? '{}')).toEqual({ flow: 'member', identifier: 'email' })
  })
})

describe('a mint is refused', () => {
  test.each<[number, string, object, Sent]>([
    [401, 'without an app token', { community_member_id: 1001 }, { bearer: '' }],
    [401, 'with a wrong app token', { community_member_id: 1001 }, { bearer: 'wrong' }],
    [403, 'from a page', { community_member_id: 1001 }, { headers: { origin: 'http://localhost:3001' } }],
    [404, 'for an SSO id nobody has', { sso_user_id: 'acme|nobody' }, {}],
    [404, 'for a member id nobody has', { community_member_id: 9 }, {}],
    [404, 'for an address nobody has', { email: 'nobody@demo.test' }, {}],
    [422, 'without any name', {}, {}],
    [422, 'with an empty name', { email: '' }, {}],
    [422, 'for a member id that is no number', { community_member_id: 'one' }, {}],
    [422, 'for a name of another type', { sso_user_id: { $ne: null } }, {}],
  ])('with %i %s', async (status, _what, fields, sent) => {
    const answer = await mint(fields, sent)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ success: false, message: expect.any(String) })
    if (status === 422) expect(answer.body.error_details).toEqual(expect.any(Object))
  })

  test('with 422 for a body that is no JSON', async () => {
    const response = await app.server.inject({
      method: 'POST',
      url: '/demo/api/v1/headless/auth_token',
      headers: { host: new URL(ORIGIN).host, 'content-type': 'application/json', authorization: `Bearer ${APP_TOKEN}` },
      payload: '{"email"',
    })
    expect(response.statusCode).toBe(422)
    expect(response.json()).toEqual({ success: false, message: 'the body is not JSON' })
  })

  test('with 403 by email where the client may not name members by it', async () => {
    const strict = await startTestApp({ config: configFor(aCommunity({ mint: {} })) })
    const answer = await mint({ email: 'ada@demo.test' }, { server: strict })
    await strict.close()
    expect(answer).toMatchObject({ status: 403, body: { success: false } })
  })

  test('with 404 for a disabled member, as for one that isn’t there', async () => {
    const other = await startTestApp({ config: configFor() })
    const { id } = await other.store.db
      .selectFrom('users')
      .select('id')
      .where('username', '=', 'ben')
      .executeTakeFirstOrThrow()
    const operations = { store: other.store, audit: { record: async () => {}, tell: () => {} } }
    await disablePerson(operations, { tenant: 'demo', userId: id }, Date.now())
    const disabled = await mint({ community_member_id: 1002 }, { server: other })
    const unknown = await mint({ community_member_id: 9 }, { server: other })
    await other.close()
    expect({ ...disabled, headers: {} }).toEqual({ ...unknown, headers: {} })
  })

  test('with 429 and how long to wait when there are too many', async () => {
    const busy = await startTestApp({ config: configFor(aCommunity({ mint: { burst: 1, per_minute: 1 } })) })
    await mint({ community_member_id: 1001 }, { server: busy })
    const answer = await mint({ community_member_id: 1001 }, { server: busy })
    await busy.close()
    expect(answer).toMatchObject({ status: 429, body: { success: false } })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  })
})

describe('a refresh', () => {
  test('gives a new access token and nothing else, any number of times', async () => {
    const { body } = await mint({ community_member_id: 1001 })
    for (let round = 0; round < 3; round++) {
      const answer = await renew(body.refresh_token)
      expect(answer.status).toBe(200)
      expect(answer.body).toEqual({
        access_token: expect.any(String),
        access_token_expires_at: expect.stringMatching(ISO),
      })
      expect(decodeJwt(answer.body.access_token)).toMatchObject({ community_id: 7, community_member_id: 1001 })
    }
  })

  test('doesn’t move the refresh token’s end', async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    const { body } = await mint({ community_member_id: 1001 })
    vi.setSystemTime(Date.now() + (REFRESH_SECONDS - 60) * 1000)
    expect((await renew(body.refresh_token)).status).toBe(200)
    vi.setSystemTime(Date.now() + 120_000)
    expect((await renew(body.refresh_token)).status).toBe(401)
  })

  test('takes the refresh token itself as bearer, too', async () => {
    const { body } = await mint({ community_member_id: 1001 })
    expect((await renew(body.refresh_token, { bearer: body.refresh_token })).status).toBe(200)
  })

  test.each<[number, string, string, Sent]>([
    [401, 'a token nobody was given', 'unknown', {}],
    [401, 'no bearer', 'unknown', { bearer: '' }],
    [401, 'another bearer', 'unknown', { bearer: 'another' }],
    [422, 'no token', '', {}],
  ])('is refused with %i for %s', async (status, _what, token, sent) => {
    expect(await renew(token, sent)).toMatchObject({ status, body: { success: false, message: expect.any(String) } })
  })
})

describe('revoking', () => {
  test('a refresh token leaves its access tokens good', async () => {
    const { body } = await mint({ community_member_id: 1001 })
    expect(await revokeRefresh(body.refresh_token)).toMatchObject({ status: 204, text: '' })
    expect((await renew(body.refresh_token)).status).toBe(401)
    expect(await isActive(body.access_token)).toBe(true)
  })

  test('an access token leaves the refresh token and its other access tokens good', async () => {
    const { body } = await mint({ community_member_id: 1001 })
    const { body: second } = await renew(body.refresh_token)
    expect(await revokeAccess(body.access_token)).toMatchObject({ status: 204, text: '' })
    expect(await isActive(body.access_token)).toBe(false)
    expect(await isActive(second.access_token)).toBe(true)
    expect((await renew(body.refresh_token)).status).toBe(200)
  })

  test('again, or what nobody knows, is answered alike', async () => {
    const { body } = await mint({ community_member_id: 1001 })
    for (const token of [body.refresh_token, body.refresh_token, 'unknown'])
      expect((await revokeRefresh(token)).status).toBe(204)
    for (const token of [body.access_token, body.access_token, 'unknown'])
      expect((await revokeAccess(token)).status).toBe(204)
  })

  test('is audited with whose it was', async () => {
    const { body } = await mint({ community_member_id: 1001 })
    await revokeAccess(body.access_token)
    expect(await lastAudit('token.revoked')).toMatchObject({
      user_id: decodeJwt(body.access_token).sub,
      client_id: 'community',
      detail: '{"kind":"access"}',
    })
  })

  test.each([
    ['refresh_token/revoke', 'refresh_token'],
    ['access_token/revoke', 'access_token'],
  ])('at %s needs a bearer and a token', async (path, field) => {
    expect((await send('POST', path, { body: { [field]: 'x' }, bearer: 'wrong' })).status).toBe(401)
    expect(await send('POST', path, { body: {} })).toMatchObject({ status: 422, body: { success: false } })
  })

  test('another app’s tokens changes nothing', async () => {
    const two = await startTestApp({
      config: aConfig({
        tenant: {
          community_id: 7,
          compat: { circle: { client_id: 'community' } },
          clients: [aCommunity(), aCommunity({ client_id: 'sister' })],
          users,
        },
      }),
    })
    const response = await two.server.inject({
      method: 'POST',
      url: '/demo/token',
      headers: { host: new URL(ORIGIN).host, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: MEMBER_GRANT,
        member_id: '1001',
        client_id: 'sister',
        client_secret: APP_TOKEN,
      }).toString(),
    })
    const theirs = response.json()
    expect((await revokeRefresh(theirs.refresh_token, { server: two })).status).toBe(204)
    const again = await two.server.inject({
      method: 'POST',
      url: '/demo/token',
      headers: { host: new URL(ORIGIN).host, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: theirs.refresh_token,
        client_id: 'sister',
        client_secret: APP_TOKEN,
      }).toString(),
    })
    await two.close()
    expect(again.statusCode).toBe(200)
  })
})

test('an address that isn’t theirs, or the wrong method, is refused in their form', async () => {
  expect(await send('POST', 'nowhere')).toMatchObject({ status: 404, body: { success: false } })
  expect(await send('POST', 'access_token/refresh')).toMatchObject({ status: 405, body: { success: false } })
})
