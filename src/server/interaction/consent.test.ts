import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aPkce, authorizeUrl, redeem, signedIn } from '../test/flows.ts'
import { ALLOW, answerAtApp, DENY, pageOf, signInStep, visitConsent } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { aClient, aConfidentialClient, aConfig, BEN, ISSUER } from '../test/test-config.ts'

const OTHER_URI = 'http://localhost:3004/callback'

let app: TestApp
beforeAll(async () => {
  const other = aClient({ client_id: 'other', client_name: 'Other', redirect_uris: [OTHER_URI] })
  app = await startTestApp({ config: aConfig({ tenant: { clients: [aClient(), other, aConfidentialClient()] } }) })
})
afterAll(() => app.close())
beforeEach(async () => {
  await app.store.db.deleteFrom('consents').execute()
})

/** A further request in the same browser: straight to the app, or a question. */
function ask(browser: TestBrowser, overrides: Record<string, string> = {}) {
  return browser.open(authorizeUrl(aPkce(), overrides))
}

describe('the consent page', () => {
  test('says who asks, what for, and who is signed in', async () => {
    const { response, state } = await visitConsent(app, { overrides: { scope: 'openid profile email Shopper' } })
    expect(response.status).toBe(200)
    expect(state).toMatchObject({
      client: { name: 'Catalog' },
      person: { name: 'Ada Okafor', username: 'ada' },
      scopes: ['openid', 'profile', 'email', 'Shopper'],
    })
  })

  test('is data for a program at the same address', async () => {
    const { browser, state } = await visitConsent(app)
    const response = await browser.get(state.action, { accept: 'application/json' })
    expect(JSON.parse(response.body)).toMatchObject({ page: 'consent', scopes: ['openid', 'profile'] })
  })

  test('leaves out what nobody here knows, and does not remember it either', async () => {
    const { browser, state } = await visitConsent(app, { overrides: { scope: 'openid later_a_role' } })
    expect(state.scopes).toEqual(['openid'])
    await browser.follow(await browser.postForm(state.action, ALLOW))
    const [consent] = await app.store.db.selectFrom('consents').select('scope').execute()
    expect(consent?.scope).toBe('openid')
  })
})

describe('what a person allowed', () => {
  test('may come back to the app twice at once: each code is a login of its own', async () => {
    const { browser, pkce, state } = await visitConsent(app)
    const { location } = await browser.postForm(state.action, ALLOW)
    const returns = await Promise.all([1, 2].map(() => browser.get(location?.href ?? '')))
    const logins = []
    for (const one of returns) logins.push(await redeem(app, { code: answerAtApp(one).code ?? '', pkce }))
    expect(logins.map(({ status }) => status)).toEqual([200, 200])
    expect(new Set(logins.map(({ body }) => decodeJwt(body.access_token ?? '').sid)).size).toBe(2)
  })

  test('is not asked again, in this browser or another', async () => {
    const { browser } = await signedIn(app)
    expect(answerAtApp(await ask(browser))).toHaveProperty('code')
    const { code } = await signedIn(app)
    expect(code).toBeTruthy()
    expect(await app.store.db.selectFrom('consents').selectAll().execute()).toHaveLength(1)
  })

  test('covers less of the same, and of more only the difference is asked', async () => {
    const { browser } = await signedIn(app, { overrides: { scope: 'openid profile' } })
    expect(answerAtApp(await ask(browser, { scope: 'openid' }))).toHaveProperty('code')
    const more = pageOf(await ask(browser, { scope: 'openid profile email Shopper' }), 'consent')
    expect(more.scopes).toEqual(['email', 'Shopper'])
    await browser.follow(await browser.postForm(more.action, ALLOW))
    expect(answerAtApp(await ask(browser, { scope: 'openid profile email Shopper' }))).toHaveProperty('code')
  })

  test('holds for that app alone', async () => {
    const { browser } = await signedIn(app)
    const question = await ask(browser, { client_id: 'other', redirect_uri: OTHER_URI })
    expect(pageOf(question, 'consent')).toMatchObject({ client: { name: 'Other' }, scopes: ['openid', 'profile'] })
  })

  test('holds for that person alone', async () => {
    await signedIn(app)
    await visitConsent(app, { person: BEN })
  })

  test('is asked again, whole, when the app wants that (prompt=consent)', async () => {
    const { browser } = await signedIn(app)
    const question = pageOf(await ask(browser, { prompt: 'consent' }), 'consent')
    expect(question.scopes).toEqual(['openid', 'profile'])
    expect(answerAtApp(await browser.follow(await browser.postForm(question.action, ALLOW)))).toHaveProperty('code')
  })

  test('is not needed at all for an app of the house', async () => {
    const { browser } = await signedIn(app)
    const house = { client_id: 'orders', redirect_uri: 'http://localhost:3002/callback', scope: 'openid email' }
    expect(answerAtApp(await ask(browser, house), house.redirect_uri)).toHaveProperty('code')
  })
})

describe.each(['form', 'JSON'] as const)('a denial sent as %s', (kind) => {
  test('tells the app access_denied with state and iss, and is not remembered (RFC 6749 section 4.1.2.1)', async () => {
    const { browser, state } = await visitConsent(app)
    const response =
      kind === 'form'
        ? await browser.follow(await browser.postForm(state.action, DENY))
        : await browser.open(JSON.parse((await browser.postJson(state.action, DENY)).body).redirectTo)
    const answer = answerAtApp(response)
    expect(answer).toMatchObject({ error: 'access_denied', state: 'state-of-the-app', iss: ISSUER })
    expect(answer).not.toHaveProperty('code')
    pageOf(await ask(browser), 'consent')
  })
})

test('allowing sent as JSON leads to the app', async () => {
  const { browser, state } = await visitConsent(app)
  const { redirectTo } = JSON.parse((await browser.postJson(state.action, ALLOW)).body)
  expect(answerAtApp(await browser.open(redirectTo))).toHaveProperty('code')
})

test('a decision before the sign-in allows nothing', async () => {
  const browser = app.browser()
  const page = pageOf(await browser.open(authorizeUrl(aPkce())), 'sign-in')
  pageOf(await browser.postForm(page.action, ALLOW), 'sign-in')
  expect(await app.store.db.selectFrom('consents').selectAll().execute()).toEqual([])
  expect((await browser.postForm(page.action, signInStep())).status).toBe(303)
})
