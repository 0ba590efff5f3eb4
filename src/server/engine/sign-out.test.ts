import { SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { aPkce, authorizeUrl, completeSignIn, obtainCode, redeem, refresh, signedIn } from '../test/flows.ts'
import { answerAtApp, pageOf, visitConsent } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { APP_ORIGIN, aClient, aConfidentialClient, aConfig, BEN } from '../test/test-config.ts'

const HOME = `${APP_ORIGIN}/`
const OTHER = { client_id: 'other', redirect_uri: 'http://localhost:3004/callback' }

let app: TestApp
beforeAll(async () => {
  const other = aClient({ client_id: 'other', client_name: 'Other', redirect_uris: [OTHER.redirect_uri] })
  app = await startTestApp({ config: aConfig({ tenant: { clients: [aClient(), other, aConfidentialClient()] } }) })
})
afterAll(() => app.close())
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function logoutUrl(parameters: Record<string, string> = {}): string {
  return `/demo/logout?${new URLSearchParams(parameters)}`
}

async function isSignedIn(browser: TestBrowser): Promise<boolean> {
  return 'code' in answerAtApp(await browser.open(authorizeUrl(aPkce(), { prompt: 'none' })))
}

async function signOut(browser: TestBrowser, parameters: Record<string, string> = {}) {
  const question = pageOf(await browser.open(logoutUrl(parameters)), 'sign-out')
  return browser.follow(await browser.postForm(question.action, { ...question.fields, logout: 'yes' }))
}

describe('with an ID token of whoever is signed in', () => {
  test('signs out without a question, back at the app with its state', async () => {
    const { browser, idToken, refreshToken } = await signedIn(app)
    const state = 'a b&c=d/é'
    const response = await browser.open(logoutUrl({ id_token_hint: idToken, post_logout_redirect_uri: HOME, state }))
    expect(response.status).toBe(303)
    expect(answerAtApp(response, HOME)).toEqual({ state })
    expect(await isSignedIn(browser)).toBe(false)
    expect(await refresh(app, { token: refreshToken })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('also when that token has run out: an app can’t know when its person leaves', async () => {
    const { browser, idToken } = await signedIn(app)
    vi.setSystemTime(Date.now() + 3_600_000)
    const response = await browser.open(logoutUrl({ id_token_hint: idToken, post_logout_redirect_uri: HOME }))
    expect(answerAtApp(response, HOME)).toEqual({})
    expect(await isSignedIn(browser)).toBe(false)
  })

  test('without an address to go to, ends on a page that says so', async () => {
    const { browser, idToken } = await signedIn(app)
    const response = await browser.open(logoutUrl({ id_token_hint: idToken }))
    expect(pageOf(response, 'signed-out').tenant.name).toBe('Demo Store')
  })
})

describe('without that proof', () => {
  test.each([
    ['no hint at all', async () => ({})],
    ['only the client’s name', async () => ({ client_id: 'catalog', post_logout_redirect_uri: HOME })],
    ['somebody else’s ID token', async () => ({ id_token_hint: (await signedIn(app, { person: BEN })).idToken })],
  ])('asks first, with %s', async (_what, hint) => {
    const { browser, refreshToken } = await signedIn(app)
    const question = pageOf(await browser.open(logoutUrl(await hint())), 'sign-out')
    expect(question.person).toEqual({ name: 'Ada Okafor', username: 'ada' })
    expect(await isSignedIn(browser)).toBe(true)
    expect(await refresh(app, { token: refreshToken })).toMatchObject({ status: 200 })
  })

  test('the answer yes signs out, back at the app with its state', async () => {
    const { browser, refreshToken } = await signedIn(app)
    const request = { client_id: 'catalog', post_logout_redirect_uri: HOME, state: 'xyz' }
    expect(answerAtApp(await signOut(browser, request), HOME)).toEqual({ state: 'xyz' })
    expect(await isSignedIn(browser)).toBe(false)
    expect(await refresh(app, { token: refreshToken })).toMatchObject({ status: 400 })
  })

  test('an answer that no page of ours asked for does nothing', async () => {
    const { browser } = await signedIn(app)
    const { action, fields } = pageOf(await browser.open(logoutUrl()), 'sign-out')
    for (const xsrf of ['', 'guessed', `${fields.xsrf}x`]) {
      const response = await browser.postForm(action, { xsrf, logout: 'yes' })
      expect(response.status).toBe(400)
      expect(pageOf(response, 'problem').problem).toBe('sign-out-invalid')
    }
    expect(await isSignedIn(browser)).toBe(true)
  })

  test('an answer sent twice signs out all the same', async () => {
    const { browser } = await signedIn(app)
    const { action, fields } = pageOf(await browser.open(logoutUrl()), 'sign-out')
    const post = () => browser.postForm(action, { ...fields, logout: 'yes' })
    const answers = await Promise.all([post(), post()])
    for (const answer of answers) pageOf(await browser.follow(answer), 'signed-out')
    pageOf(await browser.follow(await post()), 'signed-out')
    expect(await isSignedIn(browser)).toBe(false)
  })
})

describe('an address the app has not registered', () => {
  test.each([
    'https://evil.test/',
    'http://localhost:3001',
    'http://localhost:3001/?next=https://evil.test',
    'http://localhost:3001/callback',
    'javascript:alert(1)',
    '//evil.test',
  ])('%s leads to a page of ours, and nobody is signed out', async (address) => {
    const { browser, idToken } = await signedIn(app)
    for (const named of [{ id_token_hint: idToken }, { client_id: 'catalog' }]) {
      const response = await browser.open(logoutUrl({ ...named, post_logout_redirect_uri: address }))
      expect(response.status).toBe(400)
      expect(pageOf(response, 'problem')).toMatchObject({ problem: 'sign-out-invalid', client: { name: 'Catalog' } })
      expect(response.body).not.toMatch(/evil|alert/)
    }
    expect(await isSignedIn(browser)).toBe(true)
  })

  test('of another app is not registered for this one', async () => {
    const { browser } = await signedIn(app)
    const request = { client_id: 'orders', post_logout_redirect_uri: 'http://localhost:3004/' }
    expect((await browser.open(logoutUrl(request))).status).toBe(400)
  })

  test('without saying which app it is, is not followed', async () => {
    const { browser } = await signedIn(app)
    pageOf(await signOut(browser, { post_logout_redirect_uri: HOME }), 'signed-out')
  })
})

describe('a hint that proves nothing', () => {
  test.each([
    ['is no token', async () => 'nonsense'],
    ['is signed by somebody else', forged],
    ['is an access token', async () => (await signedIn(app)).accessToken],
    ['was changed', async () => (await signedIn(app)).idToken.replace(/.{4}$/, 'AAAA')],
  ])('because it %s leads to a page of ours, and nobody is signed out', async (_why, hint) => {
    const { browser } = await signedIn(app)
    const response = await browser.open(logoutUrl({ id_token_hint: await hint(), post_logout_redirect_uri: HOME }))
    expect(response.status).toBe(400)
    expect(pageOf(response, 'problem').problem).toBe('sign-out-invalid')
    expect(await isSignedIn(browser)).toBe(true)
  })

  async function forged(): Promise<string> {
    const { idToken } = await signedIn(app)
    const claims = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString())
    const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ])
    const { kid } = JSON.parse(Buffer.from(idToken.split('.')[0] ?? '', 'base64url').toString())
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey)
  }
})

describe('when nobody is signed in', () => {
  test('there is nothing to ask: straight back to the app, with its state', async () => {
    const request = { client_id: 'catalog', post_logout_redirect_uri: HOME, state: 'xyz' }
    expect(answerAtApp(await app.browser().open(logoutUrl(request)), HOME)).toEqual({ state: 'xyz' })
  })

  test('or to a page that says so', async () => {
    pageOf(await app.browser().open(logoutUrl()), 'signed-out')
  })

  test('also with an ID token from before', async () => {
    const { browser, idToken } = await signedIn(app)
    await signOut(browser)
    const again = await browser.open(logoutUrl({ id_token_hint: idToken, post_logout_redirect_uri: HOME }))
    expect(answerAtApp(again, HOME)).toEqual({})
  })
})

describe('what a sign-out ends', () => {
  test('every login of this browser, at every app, and none of another', async () => {
    const { browser, refreshToken } = await signedIn(app)
    const pkce = aPkce()
    const code = await obtainCode(browser, pkce, { overrides: OTHER })
    const other = await redeem(app, { code, pkce, fields: OTHER })
    const elsewhere = await signedIn(app)
    await signOut(browser)
    expect(await refresh(app, { token: refreshToken })).toMatchObject({ status: 400 })
    const token = other.body.refresh_token ?? ''
    expect(await refresh(app, { token, fields: { client_id: 'other' } })).toMatchObject({ status: 400 })
    expect(await refresh(app, { token: elsewhere.refreshToken })).toMatchObject({ status: 200 })
    expect(await isSignedIn(elsewhere.browser)).toBe(true)
  })

  test('not a login that was to outlive the session (offline_access)', async () => {
    const browser = app.browser()
    const offline = await signedIn(app, { browser, overrides: { scope: 'openid offline_access', prompt: 'consent' } })
    const online = await signedIn(app, { browser })
    await signOut(browser)
    expect(await refresh(app, { token: online.refreshToken })).toMatchObject({ status: 400 })
    expect(await refresh(app, { token: offline.refreshToken })).toMatchObject({ status: 200 })
  })

  test('a code that has not been redeemed yet', async () => {
    const browser = app.browser()
    const pkce = aPkce()
    const code = await obtainCode(browser, pkce)
    await signOut(browser)
    expect(await redeem(app, { code, pkce })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('the access token’s use here', async () => {
    const { browser, accessToken } = await signedIn(app)
    const userinfo = () =>
      app.server.inject({
        url: '/demo/userinfo',
        headers: { host: 'localhost:3000', authorization: `Bearer ${accessToken}` },
      })
    expect((await userinfo()).statusCode).toBe(200)
    await signOut(browser)
    expect((await userinfo()).statusCode).toBe(401)
  })

  test('what other tabs show: none of them, and not Back, says anything about the person', async () => {
    await app.store.db.deleteFrom('consents').execute()
    const { browser, state } = await visitConsent(app)
    const kept = await browser.get(state.action)
    expect(kept.headers['cache-control']).toBe('no-store')
    await signOut(browser)
    const back = await browser.open(state.action)
    pageOf(back, 'sign-in')
    expect(back.body).not.toContain('Ada Okafor')
  })

  test('and nothing else: signing in again works at once', async () => {
    const { browser } = await signedIn(app)
    await signOut(browser)
    expect(answerAtApp(await completeSignIn(browser, await browser.open(authorizeUrl(aPkce()))))).toHaveProperty('code')
  })
})
