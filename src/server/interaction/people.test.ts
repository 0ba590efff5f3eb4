import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aPkce, authorizeUrl, completeSignIn, refresh, signedIn } from '../test/flows.ts'
import { ALLOW, answerAtApp, pageOf, signInStep, visitConsent, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { BEN } from '../test/test-config.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())
beforeEach(async () => {
  await app.store.db.deleteFrom('consents').execute()
  await setDisabled(null)
})

async function setDisabled(at: number | null): Promise<void> {
  await app.store.db.updateTable('users').set({ disabled_at: at }).where('username', '=', 'ada').execute()
}

/** Who a further silent request finds signed in: their ID token's subject, by name. */
async function whoIsIn(browser: TestBrowser): Promise<string | undefined> {
  const page = await browser.open(authorizeUrl(aPkce(), { prompt: 'consent' }))
  const state = pageOf(page, 'consent')
  return state.person.username
}

describe('“Not you?” on the consent page', () => {
  test.each(['form', 'JSON'] as const)('sent as %s asks for another person, for the same request', async (kind) => {
    const { browser, state } = await visitConsent(app)
    const step = { step: 'switch-account' }
    const response =
      kind === 'form'
        ? await browser.follow(await browser.postForm(state.action, step))
        : await browser.open(JSON.parse((await browser.postJson(state.action, step)).body).redirectTo)
    const signIn = pageOf(response, 'sign-in')
    expect(signIn).toMatchObject({ username: '', client: { name: 'Catalog' } })
    const consent = pageOf(await browser.follow(await browser.postForm(signIn.action, signInStep(BEN))), 'consent')
    expect(consent.person.username).toBe('ben')
    const answer = answerAtApp(await browser.follow(await browser.postForm(consent.action, ALLOW)))
    expect(answer).toMatchObject({ code: expect.any(String), state: 'state-of-the-app' })
    expect(await whoIsIn(browser)).toBe('ben')
  })

  test('still allows an app to be offline, if the other person agrees', async () => {
    const { browser, state } = await visitConsent(app, {
      overrides: { scope: 'openid offline_access', prompt: 'consent' },
    })
    expect(state.scopes).toContain('offline_access')
    const signIn = pageOf(
      await browser.follow(await browser.postForm(state.action, { step: 'switch-account' })),
      'sign-in',
    )
    const consent = pageOf(await browser.follow(await browser.postForm(signIn.action, signInStep(BEN))), 'consent')
    expect(consent.scopes).toContain('offline_access')
  })

  test('takes another person although the app had expected this one', async () => {
    const { idToken } = await signedIn(app)
    const overrides = { login_hint: 'ada', id_token_hint: idToken, prompt: 'consent' }
    const { browser, state } = await visitConsent(app, { overrides })
    const next = await browser.follow(await browser.postForm(state.action, { step: 'switch-account' }))
    const signIn = pageOf(next, 'sign-in')
    expect(signIn.username).toBe('')
    pageOf(await browser.follow(await browser.postForm(signIn.action, signInStep(BEN))), 'consent')
  })
})

describe('signing in as somebody else', () => {
  test('ends the first person’s session and logins in this browser, and no other', async () => {
    const ada = await signedIn(app)
    const elsewhere = await signedIn(app)
    const { browser } = ada
    const answer = await completeSignIn(browser, await browser.open(authorizeUrl(aPkce(), { prompt: 'login' })), BEN)
    expect(answerAtApp(answer)).toHaveProperty('code')
    expect(await whoIsIn(browser)).toBe('ben')
    expect(await refresh(app, { token: ada.refreshToken })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect(await refresh(app, { token: elsewhere.refreshToken })).toMatchObject({ status: 200 })
  })

  test('in a tab opened before the first person signed in does the same', async () => {
    const browser = app.browser()
    const { state } = await visitSignIn(app, { browser })
    const ada = await signedIn(app, { browser })
    const next = await browser.follow(await browser.postForm(state.action, signInStep(BEN)))
    expect(pageOf(next, 'consent').person.username).toBe('ben')
    expect(await refresh(app, { token: ada.refreshToken })).toMatchObject({ status: 400 })
  })

  test('while the first person’s sign-in in another tab is between two steps does the same', async () => {
    const browser = app.browser()
    const { state } = await visitSignIn(app, { browser })
    const accepted = await browser.postForm(state.action, signInStep(BEN))
    const ada = await signedIn(app, { browser })
    expect(pageOf(await browser.follow(accepted), 'consent').person.username).toBe('ben')
    expect(await refresh(app, { token: ada.refreshToken })).toMatchObject({ status: 400 })
  })

  test('on a page that ran out does the same', async () => {
    const browser = app.browser()
    const { state } = await visitSignIn(app, { browser })
    const ada = await signedIn(app, { browser })
    const typed = { ...signInStep(BEN), sealed_request: state.sealedRequest }
    browser.forget((name) => name.includes('interaction'))
    const consent = pageOf(await browser.follow(await browser.postForm(state.action, typed)), 'consent')
    expect(consent.person.username).toBe('ben')
    expect(await refresh(app, { token: ada.refreshToken })).toMatchObject({ status: 400 })
  })

  test('a wrong password leaves the first person signed in', async () => {
    const { browser, refreshToken } = await signedIn(app)
    const { state } = await visitSignIn(app, { browser, overrides: { prompt: 'login' } })
    await browser.postForm(state.action, signInStep({ ...BEN, password: 'not his' }))
    expect(await whoIsIn(browser)).toBe('ada')
    expect(await refresh(app, { token: refreshToken })).toMatchObject({ status: 200 })
  })

  test('as the same person again keeps what was signed in before', async () => {
    const { browser, refreshToken } = await signedIn(app)
    await completeSignIn(browser, await browser.open(authorizeUrl(aPkce(), { prompt: 'login' })))
    expect(await refresh(app, { token: refreshToken })).toMatchObject({ status: 200 })
  })
})

describe('somebody disabled while signed in', () => {
  test('is asked to sign in, and told why they can’t', async () => {
    const { browser } = await signedIn(app)
    await setDisabled(Date.now())
    const { state } = await visitSignIn(app, { browser })
    const refused = pageOf(await browser.postForm(state.action, signInStep()), 'sign-in')
    expect(refused.error).toEqual({ code: 'account-disabled' })
    expect(answerAtApp(await browser.open(authorizeUrl(aPkce(), { prompt: 'none' })))).toMatchObject({
      error: 'login_required',
    })
  })

  test('makes room for somebody else', async () => {
    const { browser } = await signedIn(app)
    await setDisabled(Date.now())
    const { state } = await visitSignIn(app, { browser })
    expect(
      pageOf(await browser.follow(await browser.postForm(state.action, signInStep(BEN))), 'consent').person.username,
    ).toBe('ben')
  })

  test('on the consent page gets no further', async () => {
    const { browser, state } = await visitConsent(app)
    await setDisabled(Date.now())
    pageOf(await browser.follow(await browser.postForm(state.action, ALLOW)), 'sign-in')
  })

  test('can’t refresh', async () => {
    const { refreshToken } = await signedIn(app)
    await setDisabled(Date.now())
    expect(await refresh(app, { token: refreshToken })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('and deleted leaves a session that asks for a sign-in', async () => {
    const { browser, state } = await visitConsent(app, { person: BEN })
    await app.store.db.deleteFrom('user_names').where('name_key', 'like', 'ben%').execute()
    await app.store.db.deleteFrom('users').where('username', '=', 'ben').execute()
    pageOf(await browser.open(state.action), 'sign-in')
  })
})
