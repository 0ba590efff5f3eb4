import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aPkce, authorizeUrl, refresh, signedIn } from '../test/flows.ts'
import { ALLOW, answerAtApp, pageOf, signInStep, visitConsent, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { ORIGIN } from '../test/test-config.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

type Headers = Record<string, string>

/** What a browser says of a request that another site started, or that nobody can vouch for. */
const foreign: [string, Headers][] = [
  ['from another site', { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }],
  ['from another site, by an old browser', { origin: 'https://evil.test' }],
  ['from a page without an origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ['from a page without an origin, by an old browser', { origin: 'null' }],
  ['from another port of this host', { origin: 'http://localhost:3001', 'sec-fetch-site': 'same-site' }],
  ['that claims our origin but comes from elsewhere', { origin: ORIGIN, 'sec-fetch-site': 'cross-site' }],
  ['that is same-site only', { 'sec-fetch-site': 'same-site' }],
  ['that is cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['that no page started', { 'sec-fetch-site': 'none' }],
  ['from an origin that begins like ours', { origin: `${ORIGIN}.evil.test` }],
  ['from our origin over https', { origin: 'https://localhost:3000' }],
  ['from our origin in another case', { origin: 'http://LOCALHOST:3000' }],
  ['from two origins', { origin: `${ORIGIN} https://evil.test` }],
  ['that says nothing about where it comes from', {}],
]

const own: [string, Headers][] = [
  ['a browser’s own form post', { origin: ORIGIN, 'sec-fetch-site': 'same-origin' }],
  ['a browser without Fetch Metadata', { origin: ORIGIN }],
  ['a browser that leaves Origin out', { 'sec-fetch-site': 'same-origin' }],
]

function post(
  browser: TestBrowser,
  address: string,
  fields: Record<string, string>,
  { headers, asJson = false, accept = 'text/html' }: { headers: Headers; asJson?: boolean; accept?: string },
) {
  return app.server.inject({
    method: 'POST',
    url: address,
    headers: {
      host: new URL(ORIGIN).host,
      cookie: browser.cookieHeader(address),
      accept,
      'content-type': asJson ? 'application/json' : 'application/x-www-form-urlencoded',
      ...headers,
    },
    payload: asJson ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
  })
}

describe.each(foreign)('a request %s', (_what, headers) => {
  test.each([false, true])('signs nobody in (as JSON: %s)', async (asJson) => {
    const { browser, state } = await visitSignIn(app)
    const response = await post(browser, state.action, signInStep(), { headers, asJson, accept: 'application/json' })
    expect(response.statusCode).toBe(403)
    expect(response.json()).toMatchObject({ status: 403, code: 'cross-site' })
    const still = await browser.get(state.action)
    pageOf(still, 'sign-in')
  })

  test('signs nobody in with a sealed request from elsewhere', async () => {
    const { state } = await visitSignIn(app)
    const fields = { ...signInStep(), sealed_request: state.sealedRequest }
    expect((await post(app.browser(), state.action, fields, { headers })).statusCode).toBe(403)
  })

  test('allows nothing in a person’s name', async () => {
    await app.store.db.deleteFrom('consents').execute()
    const { browser, state } = await visitConsent(app)
    expect((await post(browser, state.action, ALLOW, { headers })).statusCode).toBe(403)
    expect((await post(browser, state.action, { step: 'switch-account' }, { headers })).statusCode).toBe(403)
    expect(await app.store.db.selectFrom('consents').selectAll().execute()).toEqual([])
  })

  test('signs nobody out', async () => {
    const { browser, refreshToken } = await signedIn(app)
    const question = pageOf(await browser.open('/demo/logout'), 'sign-out')
    const fields = { ...question.fields, logout: 'yes' }
    expect((await post(browser, question.action, fields, { headers })).statusCode).toBe(403)
    expect(answerAtApp(await browser.open(authorizeUrl(aPkce(), { prompt: 'none' })))).toHaveProperty('code')
    expect(await refresh(app, { token: refreshToken })).toMatchObject({ status: 200 })
  })
})

describe.each(own)('%s', (_what, headers) => {
  test('takes every step', async () => {
    await app.store.db.deleteFrom('consents').execute()
    const { browser, state } = await visitSignIn(app)
    const signedInAt = await post(browser, state.action, signInStep(), { headers })
    expect(signedInAt.statusCode).toBe(303)
    const consent = pageOf(await browser.open(String(signedInAt.headers.location)), 'consent')
    expect((await post(browser, consent.action, ALLOW, { headers })).statusCode).toBe(303)
    const question = pageOf(await browser.open('/demo/logout'), 'sign-out')
    const signedOut = await post(browser, question.action, { ...question.fields, logout: 'yes' }, { headers })
    expect(signedOut.statusCode).toBe(303)
  })
})

test('a person sees why nothing was done, and the way on', async () => {
  const { browser, state } = await visitSignIn(app)
  const response = await browser.postForm(state.action, signInStep(), { origin: 'https://evil.test' })
  expect(response.status).toBe(403)
  expect(pageOf(response, 'problem')).toMatchObject({ problem: 'cross-site', client: { name: 'Catalog' } })
})
