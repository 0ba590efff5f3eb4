import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { ADA, APP_ORIGIN, AUDIENCE, aClient, aConfig, BEN, ISSUER, ORIGIN } from '../../test/test-config.ts'
import { disablePerson } from '../../users/disable-person.ts'

const ACCESS_SECONDS = 900
const REFRESH_SECONDS = 604_800

const config = () =>
  aConfig({
    tenant: {
      compat: { geolens: { client_id: 'mobile' } },
      clients: [
        aClient(),
        {
          client_id: 'mobile',
          grant_types: ['password', 'refresh_token'],
          allowed_origins: [APP_ORIGIN],
          access_token_ttl: ACCESS_SECONDS,
          refresh_token_ttl: REFRESH_SECONDS,
        },
      ],
    },
  })

let app: TestApp
beforeAll(async () => {
  app = await startTestApp({ config: config() })
})
afterAll(() => app.close())
afterEach(() => vi.useRealTimers())

interface Sent {
  form?: Record<string, string>
  json?: unknown
  bearer?: string
  headers?: Record<string, string>
}

async function send(method: 'GET' | 'POST', path: string, { form, json, bearer, headers = {} }: Sent = {}) {
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
  const payload = form ? new URLSearchParams(form).toString() : json === undefined ? '' : JSON.stringify(json)
  const response = await app.server.inject({
    method,
    url: `/demo/auth/${path}`,
    headers: {
      host: new URL(ORIGIN).host,
      ...(payload && { 'content-type': type }),
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    ...(payload && { payload }),
  })
  const body = response.body === '' ? {} : JSON.parse(response.body)
  return { status: response.statusCode, headers: response.headers, body }
}

const login = (form: Record<string, string> = ADA) => send('POST', 'login', { form })
const signedIn = async (form?: Record<string, string>): Promise<Record<string, string>> => (await login(form)).body
const renew = (refresh_token: unknown) => send('POST', 'refresh', { json: { refresh_token } })
const me = (bearer = '') => send('GET', 'me', { bearer })

/** The one envelope of all their errors, with nothing else in it. */
function problem(status: number) {
  return {
    status,
    headers: expect.objectContaining({ 'content-type': expect.stringMatching(/^application\/problem\+json\b/) }),
    body: { type: 'about:blank', title: expect.any(String), status, detail: expect.any(String) },
  }
}

describe('login', () => {
  test.each(['login', 'login/'])('at %s answers a form with every documented field', async (path) => {
    const { status, headers, body } = await send('POST', path, { form: { ...ADA, grant_type: 'password' } })
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('no-store')
    expect(body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.stringMatching(/^[\w-]+$/),
      token_type: 'bearer',
      expires_in: ACCESS_SECONDS,
    })
  })

  test('gives a token with their claims and ours', async () => {
    const { access_token = '' } = await signedIn()
    expect(decodeJwt(access_token)).toMatchObject({
      sub: expect.any(String),
      username: 'ada',
      jti: expect.any(String),
      token_version: expect.any(Number),
      tenant_id: 'demo',
      iat: expect.any(Number),
      exp: expect.any(Number),
      iss: ISSUER,
      aud: AUDIENCE,
      client_id: 'mobile',
    })
  })

  test('overlooks the other fields that their form may have', async () => {
    const more = { grant_type: '', scope: 'anything at all', client_id: 'string', client_secret: '' }
    expect((await login({ ...ADA, ...more })).status).toBe(200)
  })

  test('takes the email address as well', async () => {
    expect((await login({ ...ADA, username: 'Ada@Demo.test ' })).status).toBe(200)
  })

  test('refuses a wrong password and a name nobody has alike', async () => {
    const wrong = await login({ ...ADA, password: 'wrong' })
    const unknown = await login({ ...ADA, username: 'nobody' })
    expect(wrong).toEqual(problem(401))
    expect(wrong.headers['www-authenticate']).toBe('Bearer')
    expect(unknown.body).toEqual(wrong.body)
  })

  test('tells of a disabled account only who knows its password', async () => {
    const other = await startTestApp({ config: config() })
    const own = app
    app = other
    const { id } = await other.store.db
      .selectFrom('users')
      .select('id')
      .where('username', '=', 'ben')
      .executeTakeFirstOrThrow()
    const operations = { store: other.store, audit: { record: async () => {}, tell: () => {} } }
    await disablePerson(operations, { tenant: 'demo', userId: id }, Date.now())
    const answers = [await login(BEN), await login({ ...BEN, password: 'wrong' })]
    app = own
    await other.close()
    expect(answers).toEqual([problem(403), problem(401)])
  })

  test.each<[string, Record<string, string>, string]>([
    ['no username', { password: 'x' }, 'username'],
    ['an empty password', { username: 'ada', password: '' }, 'password'],
    ['neither', { scope: 'x' }, 'username: field required; password: field required'],
    ['another grant type', { ...ADA, grant_type: 'refresh_token' }, 'grant_type'],
  ])('refuses %s with 422, naming the field', async (_what, form, detail) => {
    const answer = await login(form)
    expect(answer).toEqual(problem(422))
    expect(answer.body.detail).toContain(detail)
  })

  test('refuses a body of another kind', async () => {
    expect(await send('POST', 'login', { json: ADA })).toEqual(problem(415))
  })

  test('may be read by the app’s own pages only', async () => {
    const from = async (origin: string) => (await send('POST', 'login', { form: ADA, headers: { origin } })).headers
    expect((await from(APP_ORIGIN))['access-control-allow-origin']).toBe(APP_ORIGIN)
    expect((await from('http://evil.test'))['access-control-allow-origin']).toBeUndefined()
  })
})

describe('refresh', () => {
  test.each(['refresh', 'refresh/'])('at %s answers with a new pair', async (path) => {
    const { refresh_token } = await signedIn()
    const answer = await send('POST', path, { json: { refresh_token } })
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: 'bearer',
      expires_in: ACCESS_SECONDS,
    })
    expect(answer.body.refresh_token).not.toBe(refresh_token)
    expect(decodeJwt(answer.body.access_token)).toMatchObject({ username: 'ada', tenant_id: 'demo' })
  })

  test('gives every tab that asks at once a working pair', async () => {
    const { refresh_token } = await signedIn()
    const answers = await Promise.all(Array.from({ length: 5 }, () => renew(refresh_token)))
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200))
    for (const { body } of answers) expect((await renew(body.refresh_token)).status).toBe(200)
  })

  test('of a token used long before ends that login and no other', async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    const [thief, other] = [await signedIn(), await signedIn()]
    const { body: next } = await renew(thief.refresh_token)
    await renew(next.refresh_token)
    vi.setSystemTime(Date.now() + 31_000)
    expect(await renew(thief.refresh_token)).toEqual(problem(401))
    expect(await renew(next.refresh_token)).toEqual(problem(401))
    expect((await renew(other.refresh_token)).status).toBe(200)
  })

  test.each<[number, string, unknown]>([
    [401, 'a token nobody was given', { refresh_token: 'unknown' }],
    [422, 'no token', {}],
    [422, 'a token of another type', { refresh_token: 7 }],
    [422, 'a token longer than theirs can be', { refresh_token: 'x'.repeat(513) }],
  ])('is refused with %i for %s', async (status, _what, json) => {
    expect(await send('POST', 'refresh', { json })).toEqual(problem(status))
  })
})

describe('me', () => {
  test('says who is signed in', async () => {
    const { access_token = '' } = await signedIn()
    expect(await me(access_token)).toMatchObject({
      status: 200,
      body: {
        id: decodeJwt(access_token).sub,
        username: 'ada',
        email: 'ada@demo.test',
        is_active: true,
        roles: ['Shopper'],
      },
    })
  })

  test('needs a good access token of this app', async () => {
    const { refresh_token = '' } = await signedIn()
    expect(await me()).toEqual(problem(401))
    expect(await me('nonsense')).toEqual(problem(401))
    expect(await me(refresh_token)).toEqual(problem(401))
  })
})

describe('logout', () => {
  test.each(['logout', 'logout/'])('at %s ends every login of the person at once', async (path) => {
    const [first, second, ben] = [await signedIn(), await signedIn(), await signedIn(BEN)]
    expect((await send('POST', path, { bearer: first.access_token ?? '' })).status).toBe(204)
    for (const { access_token, refresh_token } of [first, second]) {
      expect((await me(access_token)).status).toBe(401)
      expect((await renew(refresh_token)).status).toBe(401)
    }
    expect((await me(ben.access_token)).status).toBe(200)
  })

  test('works with the refresh token when the access token has ended', async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    const { access_token = '', refresh_token = '' } = await signedIn()
    vi.setSystemTime(Date.now() + (ACCESS_SECONDS + 60) * 1000)
    expect((await send('POST', 'logout', { bearer: access_token })).status).toBe(401)
    expect((await send('POST', 'logout', { bearer: access_token, json: { refresh_token } })).status).toBe(204)
    expect((await renew(refresh_token)).status).toBe(401)
  })

  test('again is answered alike, and ends nothing that began since', async () => {
    const { refresh_token } = await signedIn()
    await send('POST', 'logout', { json: { refresh_token } })
    const later = await signedIn()
    expect((await send('POST', 'logout', { json: { refresh_token } })).status).toBe(204)
    expect((await me(later.access_token)).status).toBe(200)
  })

  test.each(['logout/session', 'logout/session/'])('at %s ends that login alone', async (path) => {
    const [here, there] = [await signedIn(), await signedIn()]
    expect((await send('POST', path, { json: { refresh_token: here.refresh_token } })).status).toBe(204)
    expect((await me(here.access_token)).status).toBe(401)
    expect((await renew(here.refresh_token)).status).toBe(401)
    expect((await me(there.access_token)).status).toBe(200)
    expect((await renew(there.refresh_token)).status).toBe(200)
  })

  test('is audited with how much it ended', async () => {
    const { access_token = '' } = await signedIn()
    await send('POST', 'logout/session', { bearer: access_token })
    const { sub = '' } = decodeJwt(access_token)
    const signOuts = app.store.db.selectFrom('audit').select(['client_id', 'detail']).where('event', '=', 'sign-out')
    expect(await signOuts.where('user_id', '=', sub).execute()).toContainEqual({
      client_id: 'mobile',
      detail: '{"scope":"app","logins":1}',
    })
  })

  test.each(['logout', 'logout/session'])('at %s is refused without a credential', async (path) => {
    expect(await send('POST', path)).toEqual(problem(401))
    expect(await send('POST', path, { json: { refresh_token: 'unknown' } })).toEqual(problem(401))
    expect(await send('POST', path, { json: { refresh_token: 7 } })).toEqual(problem(422))
  })
})

test('an address that isn’t theirs, a wrong method and a broken body are problems of the same form', async () => {
  expect(await send('GET', 'nowhere')).toEqual(problem(404))
  expect(await send('GET', 'login')).toEqual(problem(405))
  const broken = await app.server.inject({
    method: 'POST',
    url: '/demo/auth/refresh',
    headers: { host: new URL(ORIGIN).host, 'content-type': 'application/json' },
    payload: '{"refresh_token"',
  })
  expect(broken.statusCode).toBe(400)
  expect(broken.json()).toEqual(problem(400).body)
})

test('what fails inside tells nothing', async () => {
  const failing = await startTestApp({ config: config(), expectsErrors: true })
  await failing.store.db.schema.dropTable('families').execute()
  const response = await failing.server.inject({
    method: 'POST',
    url: '/demo/auth/login',
    headers: { host: new URL(ORIGIN).host, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(ADA).toString(),
  })
  await failing.close()
  expect(response.statusCode).toBe(500)
  expect(response.json()).toEqual({ ...problem(500).body, detail: 'something went wrong here' })
})
