import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createDpopKey } from '../test/dpop-key.ts'
import { aPkce, authorizeUrl, basicAuth, completeSignIn, postToEndpoint, redeem, refresh } from '../test/flows.ts'
import { pageOf, signInStep, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { ADA, ISSUER, ORDERS_SECRET, ORIGIN, REDIRECT_URI } from '../test/test-config.ts'

/** A value for each thing that must stay secret; none occurs anywhere else. */
const planted = {
  password: 'planted-password-Zq1',
  client_secret: 'planted-client-secret-Zq2',
  code: 'planted-code-Zq3',
  refresh_token: 'planted-refresh-token-Zq4',
  access_token: 'eyJhbGciOiJub25lIn0.planted-access-token-Zq5.x',
  code_verifier: 'planted-verifier-Zq6-planted-verifier-Zq6-planted',
  guest_token: 'planted-guest-token-Zq7',
  id_token_hint: 'eyJhbGciOiJub25lIn0.planted-hint-Zq8.x',
  token: 'planted-token-Zq9',
  xsrf: 'planted-xsrf-Zq10',
  sealed_request: 'v1.planted.sealed-Zq11',
  client_assertion: 'planted-assertion-Zq12',
  subject_token: 'planted-subject-Zq13',
  request: 'planted-request-Zq14',
  username: 'planted-username-Zq15',
}
const headers = {
  authorization: 'Bearer planted-bearer-Zq16',
  cookie:
    'portico_demo_session=planted-cookie-Zq17; portico_demo_session.sig=planted-signature-Zq18; portico_demo_request=planted-sealed-Zq19',
  dpop: 'planted-proof-Zq20',
  referer: `${ORIGIN}/demo/authorize?code=planted-referer-Zq21`,
  'x-api-key': 'planted-key-Zq22',
  'user-agent': 'planted-agent-Zq23',
  'x-request-label': 'planted label Zq24',
}

const routes = [
  '/',
  '/healthz',
  '/readyz',
  '/metrics',
  '/nowhere',
  '/assets/nothing.js',
  '/demo',
  '/demo/',
  '/demo/authorize',
  '/demo/authorize/AAAAAAAAAAAAAAAAAAAAA',
  '/demo/token',
  '/demo/par',
  '/demo/revoke',
  '/demo/introspect',
  '/demo/userinfo',
  '/demo/jwks',
  '/demo/revocations',
  '/demo/me/upgrade',
  '/demo/logout',
  '/demo/logout/confirm',
  '/demo/logout/success',
  '/demo/account',
  '/demo/.well-known/openid-configuration',
  '/demo/interaction/nonsense',
  '/demo/interaction/AAAAAAAAAAAAAAAAAAAAA',
  '/demo/%zz',
]

/** Reasons a token endpoint may have to look at each of them. */
const grants = ['authorization_code', 'refresh_token', 'password', 'client_credentials', 'urn:portico:grant-type:guest']

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

interface Sent {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS'
  url: string
  headers: Record<string, string>
  payload?: string
}

/** Every way to bring the secrets along to one address. */
function requestsTo(url: string): Sent[] {
  const common = { host: new URL(ORIGIN).host, origin: ORIGIN, ...headers }
  const form = { ...common, 'content-type': 'application/x-www-form-urlencoded' }
  const known = { ...planted, client_id: 'catalog', step: 'sign-in', state: 'state' }
  const query = `${url}?${new URLSearchParams(known)}`
  const { authorization: _bearer, dpop: _proof, ...unproven } = form
  const {
    client_secret: _secret,
    client_assertion: _assertion,
    ...plausible
  } = { ...known, redirect_uri: REDIRECT_URI }
  const basic = { authorization: `Basic ${btoa(`orders:${planted.client_secret}`)}` }
  return [
    ...(['GET', 'DELETE', 'OPTIONS'] as const).map((method) => ({ method, url: query, headers: common })),
    { method: 'GET', url: query, headers: { ...common, accept: 'text/html' } },
    { method: 'PUT', url: query, headers: form, payload: String(new URLSearchParams(known)) },
    ...grants.map((grant): Sent => {
      const payload = String(new URLSearchParams({ ...known, grant_type: grant }))
      return { method: 'POST', url, headers: form, payload }
    }),
    ...grants.map((grant): Sent => {
      const payload = String(new URLSearchParams({ ...plausible, grant_type: grant }))
      return { method: 'POST', url, headers: unproven, payload }
    }),
    {
      method: 'POST',
      url,
      headers: { ...form, ...basic },
      payload: String(new URLSearchParams({ ...planted, grant_type: 'refresh_token' })),
    },
    {
      method: 'POST',
      url: query,
      headers: { ...form, accept: 'text/html' },
      payload: String(new URLSearchParams(known)),
    },
    { method: 'POST', url, headers: { ...common, 'content-type': 'application/json' }, payload: JSON.stringify(known) },
    {
      method: 'POST',
      url,
      headers: { ...common, 'content-type': 'application/json' },
      payload: `{"password":"${planted.password}",`,
    },
    { method: 'POST', url, headers: { ...common, 'content-type': 'text/plain' }, payload: JSON.stringify(known) },
  ]
}

describe('no secret that comes with a request', () => {
  test.each(routes)('to %s appears in the log, or in an answer that refuses it', async (url) => {
    app.log.length = 0
    const requests = requestsTo(url)
    for (const request of requests) {
      const response = await app.server.inject(request)
      const answer = JSON.stringify(response.headers) + (response.statusCode >= 400 ? response.body : '')
      expect(answer).not.toMatch(/planted|Zq\d/)
    }
    expect(app.log.length).toBeGreaterThan(requests.length / 2)
    expect(app.log.join('')).not.toMatch(/planted|Zq\d/)
  })

  test('is logged when something breaks on the way', async () => {
    const broken = await startTestApp({ expectsErrors: true })
    onTestFinished(() => broken.close())
    for (const table of ['engine_records', 'refresh_tokens', 'user_names']) {
      await sql.raw(`drop table ${table}`).execute(broken.store.db)
    }
    for (const request of routes.flatMap(requestsTo)) {
      const response = await broken.server.inject(request)
      expect(response.statusCode >= 400 ? response.body : '').not.toMatch(/planted|Zq\d|no such table|at \w+ \(/)
    }
    expect(broken.log.some((line) => line.includes('no such table'))).toBe(true)
    expect(broken.log.join('')).not.toMatch(/planted|Zq\d/)
  })
})

test('a whole life of a login leaves none of its secrets in the log', async () => {
  app.log.length = 0
  const browser = app.browser()
  const pkce = aPkce()
  const key = await createDpopKey()
  const { state } = await visitSignIn(app, { browser })
  await browser.postForm(state.action, signInStep({ ...ADA, password: 'a wrong password Zq30' }))
  const cookies = new Set<string>()
  const answer = await completeSignIn(browser, await browser.open(authorizeUrl(pkce)))
  for (const line of [answer.headers['set-cookie'] ?? []].flat()) cookies.add(line.split(/[=;]/)[1] || 'cleared')
  const code = answer.location?.searchParams.get('code') ?? ''
  const { body } = await redeem(app, { code, pkce, key })
  const renewed = await refresh(app, { token: body.refresh_token ?? '', key })
  await redeem(app, { code, pkce, key })
  await refresh(app, { token: body.refresh_token ?? '' })
  await postToEndpoint(app, 'introspect', { token: renewed.body.access_token ?? '' }, { headers: basicAuth() })
  await app.server.inject({
    url: '/demo/userinfo',
    headers: { host: 'localhost:3000', authorization: `Bearer ${body.access_token}` },
  })
  const proof = await key.proof({ url: `${ISSUER}/token` })
  await postToEndpoint(app, 'token', { grant_type: 'refresh_token', client_id: 'catalog' }, { proof })
  await postToEndpoint(
    app,
    'token',
    { grant_type: 'refresh_token', refresh_token: 'x' },
    { headers: basicAuth('catalog', ORDERS_SECRET) },
  )
  const question = pageOf(await browser.open(`/demo/logout?${new URLSearchParams({ state: 'state' })}`), 'sign-out')
  await browser.postForm(question.action, { ...question.fields, logout: 'yes' })
  const secrets = [
    ADA.password,
    'a wrong password Zq30',
    ORDERS_SECRET,
    btoa(`orders:${ORDERS_SECRET}`),
    code,
    pkce.verifier,
    body.access_token,
    body.refresh_token,
    body.id_token,
    renewed.body.access_token,
    renewed.body.refresh_token,
    proof,
    question.fields.xsrf,
    state.sealedRequest,
    ...cookies,
  ]
  expect(cookies.size).toBeGreaterThan(0)
  const log = app.log.join('')
  expect(log.length).toBeGreaterThan(1_000)
  for (const secret of secrets) {
    expect(secret).toBeTruthy()
    expect(log).not.toContain(secret)
  }
})

describe('the line of a request', () => {
  const lineOf = async (url: string, headers: Record<string, string> = {}) => {
    app.log.length = 0
    await app.server.inject({ method: 'GET', url, headers: { host: new URL(ORIGIN).host, ...headers } })
    return JSON.parse(app.log.at(-1) ?? '{}')
  }

  test.each([
    ['/demo/jwks?secret=1', 200, '/demo/jwks'],
    ['/nowhere?secret=1', 404, '/nowhere'],
    ['/demo/authorize?secret=1', 400, '/demo/authorize'],
    ['/demo/logout?secret=1', 303, '/demo/logout'],
  ])('of %s says who, what, when and from where, without the query', async (url, status, path) => {
    expect(await lineOf(url)).toEqual({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      pid: expect.any(Number),
      hostname: expect.any(String),
      request_id: expect.any(String),
      method: 'GET',
      path,
      status,
      ip: '127.0.0.1',
      ms: expect.any(Number),
      msg: 'request',
    })
  })

  test.each(['checkout', 'orders/nightly-import#3', 'x'.repeat(64)])(
    'has the label the caller gave: %s',
    async (label) => {
      expect(await lineOf('/demo/jwks', { 'x-request-label': label })).toMatchObject({ label, status: 200 })
    },
  )

  test.each(['', 'x'.repeat(65), 'two words', 'Bearer abc', '{"a":1}', 'a\tb', 'à', 'a=b', 'one, two'])(
    'has no label that could be anything else: %j',
    async (label) => {
      expect(await lineOf('/demo/jwks', { 'x-request-label': label })).not.toHaveProperty('label')
    },
  )

  test('is left out for health checks, which come every second', async () => {
    app.log.length = 0
    await app.server.inject({ url: '/healthz', headers: { host: 'localhost:3000' } })
    expect(app.log).toEqual([])
  })
})
