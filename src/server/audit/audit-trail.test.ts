import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  aPkce,
  authorizeUrl,
  basicAuth,
  completeSignIn,
  obtainCode,
  postToEndpoint,
  redeem,
  refresh,
  signedIn,
} from '../test/flows.ts'
import { ALLOW, DENY, pageOf, signInStep, visitConsent, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { BEN, REDIRECT_URI } from '../test/test-config.ts'

let app: TestApp
let ada: string
let ben: string
beforeAll(async () => {
  app = await startTestApp()
  const users = await app.store.db.selectFrom('users').select(['id', 'username']).execute()
  ada = users.find(({ username }) => username === 'ada')?.id ?? ''
  ben = users.find(({ username }) => username === 'ben')?.id ?? ''
})
afterAll(() => app.close())

beforeEach(async () => {
  await app.store.db.deleteFrom('consents').execute()
  await forget()
})

async function forget(): Promise<void> {
  await app.store.db.deleteFrom('audit').execute()
  app.log.length = 0
}

interface Told {
  time: string
  msg: string
  audit: Record<string, unknown>
}

/** What the log was told of an event. */
function told(event: string): Told[] {
  const lines = app.log.map((line) => JSON.parse(line) as Partial<Told>)
  return lines.filter((line): line is Told => line.audit?.event === event)
}

/** Expects exactly one entry for `event`, in the table and in the log alike, with who, what, when and from where. */
async function expectKept(event: string, who: { user_id: string | null; client_id: string | null }): Promise<void> {
  const rows = await app.store.db.selectFrom('audit').selectAll().where('event', '=', event).execute()
  expect(rows).toEqual([expect.objectContaining({ tenant: 'demo', ip: '127.0.0.1', ...who })])
  const [row] = rows
  expect(Math.abs((row?.at ?? 0) - Date.now())).toBeLessThan(10_000)
  expect(row?.request_id).toMatch(/^[\da-f-]{36}$/)
  const lines = told(event)
  expect(lines).toHaveLength(1)
  expect(lines[0]?.audit).toMatchObject({ event, request_id: row?.request_id, ip: '127.0.0.1', ...who })
  expect(lines[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  expect(app.log.some((line) => line.includes('"msg":"request"') && line.includes(row?.request_id ?? 'none'))).toBe(
    true,
  )
}

/** Expects the log to know of `event`, and the table not to. */
async function expectTold(event: string, who: { user_id?: string | null; client_id?: string | null }): Promise<void> {
  expect(told(event)).toHaveLength(1)
  expect(told(event)[0]?.audit).toMatchObject({ tenant: 'demo', ip: '127.0.0.1', ...who })
  expect(await app.store.db.selectFrom('audit').select('event').where('event', '=', event).execute()).toEqual([])
}

const catalog = { client_id: 'catalog' }

describe('on the portal’s pages', () => {
  test('a wrong password is kept, under the person it was tried on', async () => {
    const { browser, state } = await visitSignIn(app)
    await browser.postForm(state.action, signInStep({ username: 'ada', password: 'wrong' }))
    await expectKept('sign-in.failed', { user_id: ada, ...catalog })
  })

  test('an unknown name is kept without it: people type passwords there', async () => {
    const { browser, state } = await visitSignIn(app)
    await browser.postForm(state.action, signInStep({ username: 'my secret password', password: 'wrong' }))
    await expectKept('sign-in.failed', { user_id: null, ...catalog })
    expect(app.log.join('')).not.toContain('my secret')
  })

  test('a sign-in, a consent and the code’s redemption are kept', async () => {
    await signedIn(app)
    await expectKept('sign-in.succeeded', { user_id: ada, ...catalog })
    await expectKept('consent.granted', { user_id: ada, ...catalog })
    await expectKept('code.redeemed', { user_id: ada, ...catalog })
  })

  test('a denied consent is kept', async () => {
    const { browser, state } = await visitConsent(app)
    await browser.follow(await browser.postForm(state.action, DENY))
    await expectKept('consent.denied', { user_id: ada, ...catalog })
  })

  test('a consent sent twice was given once for each code', async () => {
    const { browser, state } = await visitConsent(app)
    await browser.follow(await browser.postForm(state.action, ALLOW))
    await expectKept('consent.granted', { user_id: ada, ...catalog })
  })

  test('signing out is kept: without a question, and after one', async () => {
    const direct = await signedIn(app)
    await direct.browser.open(`/demo/logout?${new URLSearchParams({ id_token_hint: direct.idToken })}`)
    await expectKept('sign-out', { user_id: ada, ...catalog })
    const { browser } = await signedIn(app)
    await forget()
    const question = pageOf(await browser.open('/demo/logout'), 'sign-out')
    expect(told('sign-out')).toEqual([])
    await browser.postForm(question.action, { ...question.fields, logout: 'yes' })
    await expectKept('sign-out', { user_id: ada, client_id: null })
  })

  test('a session that makes room for somebody else is kept', async () => {
    const { browser } = await signedIn(app)
    await forget()
    await completeSignIn(browser, await browser.open(authorizeUrl(aPkce(), { prompt: 'login' })), BEN)
    await expectKept('session.ended', { user_id: ada, ...catalog })
    await expectKept('sign-in.succeeded', { user_id: ben, ...catalog })
  })

  test('so is one that another tab’s sign-in pushes out between two steps', async () => {
    const browser = app.browser()
    const { state } = await visitSignIn(app, { browser })
    const accepted = await browser.postForm(state.action, signInStep(BEN))
    await signedIn(app, { browser })
    await browser.follow(accepted)
    await expectKept('session.ended', { user_id: ada, ...catalog })
  })
})

describe('at the endpoints', () => {
  test('a refused grant is kept with its reason', async () => {
    await redeem(app, { code: 'made-up', pkce: aPkce() })
    await expectKept('token.refused', { user_id: null, ...catalog })
    const [row] = await app.store.db.selectFrom('audit').select('detail').execute()
    expect(JSON.parse(row?.detail ?? '')).toEqual({ error: 'invalid_grant', reason: expect.any(String) })
  })

  test('a client’s wrong secret is kept', async () => {
    const headers = basicAuth('orders', 'not the secret of this client')
    await postToEndpoint(app, 'token', { grant_type: 'authorization_code', code: 'x' }, { headers })
    await expectKept('client.refused', { user_id: null, client_id: 'orders' })
  })

  test('a refused request of a known app is kept', async () => {
    await app.browser().get(authorizeUrl(aPkce(), { redirect_uri: 'https://evil.test/' }))
    await expectKept('authorization.refused', { user_id: null, ...catalog })
  })

  test('a revoked token is kept; one of another client, or of nobody, was not revoked', async () => {
    const { refreshToken } = await signedIn(app)
    await postToEndpoint(app, 'revoke', { token: refreshToken }, { headers: basicAuth() })
    await postToEndpoint(app, 'revoke', { token: 'unknown', client_id: 'catalog' })
    expect(told('token.revoked')).toEqual([])
    await postToEndpoint(app, 'revoke', { token: refreshToken, client_id: 'catalog' })
    await expectKept('token.revoked', { user_id: ada, ...catalog })
  })

  test('a code used twice is kept', async () => {
    const pkce = aPkce()
    const code = await obtainCode(app.browser(), pkce)
    await redeem(app, { code, pkce })
    await redeem(app, { code, pkce: aPkce() })
    await expectKept('code.replayed', { user_id: ada, ...catalog })
  })

  test('a refresh is told: the login it belongs to is kept already', async () => {
    const { refreshToken } = await signedIn(app)
    await refresh(app, { token: refreshToken })
    await expectTold('token.refreshed', { user_id: ada, ...catalog })
  })

  test('what strangers ask for is told, and fills no table', async () => {
    await postToEndpoint(app, 'token', { grant_type: 'password', client_id: 'nobody' })
    await expectTold('client.refused', { user_id: null, client_id: null })
    await app.browser().get(authorizeUrl(aPkce(), { client_id: 'nobody' }))
    await app.server.inject({
      url: '/demo/userinfo',
      headers: { host: 'localhost:3000', authorization: 'Bearer made.up' },
    })
    await expectTold('token.refused', { user_id: null, client_id: null })
  })

  test('a silent sign-in that finds nobody is no refusal to keep', async () => {
    await app.browser().get(authorizeUrl(aPkce(), { prompt: 'none' }))
    await expectTold('authorization.refused', catalog)
  })
})

test('a line break in what was sent stays inside its line', async () => {
  await app.browser().get(authorizeUrl(aPkce(), { scope: 'openid\n{"level":30,"msg":"forged"}', client_id: 'catalog' }))
  await app
    .browser()
    .get(authorizeUrl(aPkce(), { client_id: 'nobody\r\n{"msg":"forged"}', redirect_uri: REDIRECT_URI }))
  await app.browser().get('/demo/interaction/%0A%7B%22msg%22%3A%22forged%22%7D')
  const { browser, state } = await visitSignIn(app)
  await browser.postForm(state.action, { step: 'sign-in', username: 'a\nb', password: 'x' })
  expect(app.log.length).toBeGreaterThan(4)
  for (const line of app.log) {
    expect(line.trimEnd()).not.toMatch(/[\n\r\u2028\u2029]/)
    expect(JSON.parse(line).msg).not.toBe('forged')
  }
  for (const row of await app.store.db.selectFrom('audit').selectAll().execute()) {
    for (const value of Object.values(row)) expect(String(value)).not.toMatch(/[\n\r]/)
  }
})
