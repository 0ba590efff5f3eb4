import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { aPkce, authorizeUrl, completeSignIn, redeem, signedIn } from '../test/flows.ts'
import { ALLOW, answerAtApp, pageOf, visitConsent } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { ADA, BEN, ISSUER } from '../test/test-config.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function waitSeconds(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000)
}

/** Signs in once more where the portal asks for it; the claims of the new ID token. */
async function signInAgain(browser: TestBrowser, overrides: Record<string, string>) {
  const pkce = aPkce()
  const page = await browser.open(authorizeUrl(pkce, overrides))
  const asked = pageOf(page, 'sign-in')
  const { code = '' } = answerAtApp(await completeSignIn(browser, page))
  const { body } = await redeem(app, { code, pkce })
  return { asked, claims: decodeJwt(body.id_token ?? '') }
}

describe('prompt=none never shows a page (OIDC Core section 3.1.2.1)', () => {
  const silently = (browser: TestBrowser, overrides: Record<string, string> = {}) =>
    browser.open(authorizeUrl(aPkce(), { prompt: 'none', ...overrides }))

  test('nobody signed in is login_required', async () => {
    expect(answerAtApp(await silently(app.browser()))).toMatchObject({
      error: 'login_required',
      state: 'state-of-the-app',
      iss: ISSUER,
    })
  })

  test('a consent still to be asked for is consent_required', async () => {
    const { browser } = await visitConsent(app, { person: BEN })
    expect(answerAtApp(await silently(browser))).toMatchObject({ error: 'consent_required', iss: ISSUER })
  })

  test('somebody signed in who consented gets a code', async () => {
    const { browser } = await signedIn(app)
    expect(answerAtApp(await silently(browser))).toHaveProperty('code')
  })

  test('a sign-in longer ago than max_age is login_required', async () => {
    const { browser } = await signedIn(app)
    waitSeconds(100)
    expect(answerAtApp(await silently(browser, { max_age: '60' }))).toMatchObject({ error: 'login_required' })
    expect(answerAtApp(await silently(browser, { max_age: '600' }))).toHaveProperty('code')
  })

  test('an ID token hint of somebody else is login_required', async () => {
    const { idToken } = await signedIn(app, { person: BEN })
    const { browser, idToken: own } = await signedIn(app)
    expect(answerAtApp(await silently(browser, { id_token_hint: idToken }))).toMatchObject({ error: 'login_required' })
    expect(answerAtApp(await silently(browser, { id_token_hint: own }))).toHaveProperty('code')
  })

  test('an ID token hint that nobody signed is invalid_request', async () => {
    const { browser, idToken } = await signedIn(app)
    const [header, , signature] = idToken.split('.')
    const forged = Buffer.from(JSON.stringify({ ...decodeJwt(idToken), sub: 'somebody-else' })).toString('base64url')
    const id_token_hint = `${header}.${forged}.${signature}`
    expect(answerAtApp(await silently(browser, { id_token_hint }))).toMatchObject({ error: 'invalid_request' })
  })

  test('somebody disabled meanwhile is login_required', async () => {
    const { browser } = await signedIn(app, { person: BEN })
    const setDisabled = (disabled_at: number | null) =>
      app.store.db.updateTable('users').set({ disabled_at }).where('username', '=', 'ben').execute()
    await setDisabled(Date.now())
    const answer = await silently(browser)
    await setDisabled(null)
    expect(answerAtApp(answer)).toMatchObject({ error: 'login_required' })
  })

  test('nor together with another prompt', async () => {
    const { browser } = await signedIn(app)
    expect(answerAtApp(await silently(browser, { prompt: 'none login' }))).toMatchObject({ error: 'invalid_request' })
  })
})

describe('a sign-in is asked for again', () => {
  test('with prompt=login, and gives a newer auth_time', async () => {
    const { browser, idToken } = await signedIn(app)
    waitSeconds(100)
    const { asked, claims } = await signInAgain(browser, { prompt: 'login', max_age: '3600' })
    expect(asked.notice).toBe('sign-in-again')
    expect(claims.auth_time).toBe(Math.floor(Date.now() / 1000))
    expect(claims.auth_time).toBeGreaterThan(Number(decodeJwt(idToken).iat))
  })

  test('with max_age=0, which is the same', async () => {
    const { browser } = await signedIn(app)
    waitSeconds(100)
    const { claims } = await signInAgain(browser, { max_age: '0' })
    expect(claims.auth_time).toBe(Math.floor(Date.now() / 1000))
  })

  test('and who leaves that page stays signed in', async () => {
    const { browser } = await signedIn(app)
    pageOf(await browser.open(authorizeUrl(aPkce(), { prompt: 'login' })), 'sign-in')
    expect(answerAtApp(await browser.open(authorizeUrl(aPkce(), { prompt: 'none' })))).toHaveProperty('code')
  })

  test('when the last one is older than max_age, and says when it was', async () => {
    const { browser } = await signedIn(app)
    waitSeconds(100)
    const fresh = await signInAgain(browser, { max_age: '60' })
    expect(fresh.asked.notice).toBe('sign-in-again')
    expect(fresh.claims.auth_time).toBe(Math.floor(Date.now() / 1000))
  })

  test('not when it is recent enough: auth_time is then the earlier one', async () => {
    const { browser } = await signedIn(app)
    const signedInAt = Math.floor(Date.now() / 1000)
    waitSeconds(30)
    const pkce = aPkce()
    const { code = '' } = answerAtApp(await browser.open(authorizeUrl(pkce, { max_age: '60' })))
    const { body } = await redeem(app, { code, pkce })
    expect(decodeJwt(body.id_token ?? '')).toMatchObject({ auth_time: signedInAt })
  })

  test('whose time is that of the password, however long the person then thinks about consent', async () => {
    await app.store.db.deleteFrom('consents').execute()
    const signedInAt = Math.floor(Date.now() / 1000)
    const { browser, pkce, state } = await visitConsent(app)
    waitSeconds(300)
    const allowed = await browser.postForm(state.action, ALLOW)
    const { code = '' } = answerAtApp(await browser.get(allowed.location?.href ?? ''))
    const { body } = await redeem(app, { code, pkce })
    expect(decodeJwt(body.id_token ?? '')).toMatchObject({ auth_time: signedInAt })
  })

  test('when the app expects somebody else than is signed in', async () => {
    const { idToken } = await signedIn(app, { person: BEN })
    const { browser } = await signedIn(app, { person: ADA })
    pageOf(await browser.open(authorizeUrl(aPkce(), { id_token_hint: idToken })), 'sign-in')
  })
})
