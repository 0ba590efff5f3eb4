import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { aPkce, authorizeUrl, completeSignIn, redeem, signedIn } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { pageStateOf, type TestBrowser, type TestResponse } from '../test/test-browser.ts'
import { ADA, BEN, ISSUER, REDIRECT_URI } from '../test/test-config.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const ask = (browser: TestBrowser, overrides: Record<string, string | null>) =>
  browser.get(authorizeUrl(aPkce(), overrides))

const askSilently = async (browser: TestBrowser, overrides: Record<string, string | null> = {}) =>
  browser.follow(await ask(browser, { prompt: 'none', ...overrides }))

function expectError(answer: TestResponse, error: string): void {
  expect(answer.status).toBe(303)
  expect(answer.location?.href.startsWith(`${REDIRECT_URI}?`)).toBe(true)
  expect(Object.fromEntries(answer.location?.searchParams ?? [])).toMatchObject({
    error,
    state: 'state-of-the-app',
    iss: ISSUER,
  })
}

describe('prompt=none never shows a page (OpenID Connect Core section 3.1.2.1)', () => {
  it('answers login_required when nobody is signed in', async () => {
    expectError(await askSilently(app.browser()), 'login_required')
  })

  it('answers with a code when somebody is, and has allowed it', async () => {
    const { browser } = await signedIn(app)
    const answer = await askSilently(browser)
    expect(answer.location?.searchParams.get('code')).toEqual(expect.any(String))
  })

  it('answers consent_required when they have not allowed it yet', async () => {
    const { browser } = await signedIn(app)
    expectError(await askSilently(browser, { scope: 'openid profile email' }), 'consent_required')
  })

  it('answers login_required when the sign-in is older than max_age', async () => {
    const { browser } = await signedIn(app)
    expectError(await askSilently(browser, { max_age: '0' }), 'login_required')
    await later(61, async () => expectError(await askSilently(browser, { max_age: '60' }), 'login_required'))
  })

  it('answers login_required when the ID token hint is about somebody else (section 3.1.2.1)', async () => {
    const ada = await signedIn(app)
    const ben = await signedIn(app, { person: BEN })
    expectError(await askSilently(ben.browser, { id_token_hint: ada.idToken }), 'login_required')
    const own = await askSilently(ben.browser, { id_token_hint: ben.idToken })
    expect(own.location?.searchParams.get('code')).toEqual(expect.any(String))
  })

  it('answers login_required when the account was disabled meanwhile', async () => {
    const { browser } = await signedIn(app, { person: BEN })
    await setDisabled('ben', Date.now())
    const answer = await askSilently(browser)
    await setDisabled('ben', null)
    expectError(answer, 'login_required')
  })
})

describe('an ID token hint', () => {
  it('about somebody else asks for their sign-in', async () => {
    const ada = await signedIn(app)
    const ben = await signedIn(app, { person: BEN })
    const page = await ben.browser.follow(await ask(ben.browser, { id_token_hint: ada.idToken }))
    expect(pageStateOf(page)).toMatchObject({ page: 'sign-in', notice: 'sign-in-again' })
  })

  it('by another issuer is refused', async () => {
    const { browser, idToken } = await signedIn(app)
    const [header, , signature] = idToken.split('.')
    const forged = Buffer.from(JSON.stringify({ ...decodeJwt(idToken), sub: 'somebody-else' })).toString('base64url')
    expectError(await askSilently(browser, { id_token_hint: `${header}.${forged}.${signature}` }), 'invalid_request')
  })
})

describe('a new sign-in', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => vi.useRealTimers())

  const authTime = (idToken: unknown) => decodeJwt(String(idToken)).auth_time as number

  it.each([
    ['prompt=login', { prompt: 'login' }],
    ['a max_age that has passed', { max_age: '60' }],
    ['max_age=0', { max_age: '0' }],
  ])('is forced by %s, and auth_time says so (OpenID Connect Core section 3.1.2.1)', async (_case, overrides) => {
    const first = await signedIn(app)
    advance(120)
    const pkce = aPkce()
    const opened = await first.browser.follow(await first.browser.get(authorizeUrl(pkce, overrides)))
    expect(pageStateOf(opened)).toMatchObject({ page: 'sign-in', notice: 'sign-in-again' })
    const answer = await completeSignIn(first.browser, opened)
    const { body } = await redeem(app, { code: answer.location?.searchParams.get('code') ?? '', pkce })
    expect(authTime(body.id_token) - authTime(first.idToken)).toBe(120)
  })

  it('is not forced while max_age has not passed, and auth_time stays (OpenID Connect Core section 2)', async () => {
    const first = await signedIn(app)
    advance(30)
    const pkce = aPkce()
    const answer = await first.browser.follow(await first.browser.get(authorizeUrl(pkce, { max_age: '60' })))
    const { body } = await redeem(app, { code: answer.location?.searchParams.get('code') ?? '', pkce })
    expect(authTime(body.id_token)).toBe(authTime(first.idToken))
  })

  it('that the person abandons leaves them signed in', async () => {
    const { browser } = await signedIn(app)
    advance(5)
    await browser.follow(await ask(browser, { prompt: 'login' }))
    const answer = await askSilently(browser)
    expect(answer.location?.searchParams.get('code')).toEqual(expect.any(String))
  })

  it('is not satisfied by a wrong password', async () => {
    const { browser } = await signedIn(app)
    const page = await browser.follow(await ask(browser, { prompt: 'login' }))
    const state = pageStateOf(page)
    const action = 'action' in state ? state.action : ''
    const refused = await browser.postForm(action, { step: 'sign-in', username: ADA.username, password: 'wrong' })
    expect(refused.status).toBe(422)
    expect(refused.location).toBeUndefined()
  })
})

function advance(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000)
}

async function later(seconds: number, work: () => Promise<void>): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    advance(seconds)
    await work()
  } finally {
    vi.useRealTimers()
  }
}

async function setDisabled(username: string, disabledAt: number | null): Promise<void> {
  await app.store.db.updateTable('users').set({ disabled_at: disabledAt }).where('username', '=', username).execute()
}
