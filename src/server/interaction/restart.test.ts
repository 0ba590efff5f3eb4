import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createDpopKey } from '../test/dpop-key.ts'
import { redeem } from '../test/flows.ts'
import { ALLOW, answerAtApp, pageOf, signInStep, visitConsent, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { ADA, aClient, aConfig } from '../test/test-config.ts'

const WRONG = { ...ADA, password: 'not hers' }
const DAY_MS = 86_400_000

let app: TestApp
beforeAll(async () => {
  const tenant = () => ({ name: 'Demo Store', clients: [aClient()], users: [ADA] })
  app = await startTestApp({ config: aConfig({ file: { tenants: { demo: tenant(), other: tenant() } } }) })
})
afterAll(() => app.close())

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  await app.store.db.deleteFrom('consents').execute()
})
afterEach(() => {
  vi.useRealTimers()
})

function wait(ms: number): void {
  vi.setSystemTime(Date.now() + ms)
}

/** Longer than the server remembers an interaction, and than it tolerates a clock to differ. */
function waitPastTheEnd(): void {
  wait((app.config.limits.interaction_ttl + 10) * 1000)
}

async function signOut(browser: TestBrowser): Promise<void> {
  const question = pageOf(await browser.open('/demo/logout'), 'sign-out')
  pageOf(
    await browser.follow(await browser.postForm(question.action, { ...question.fields, logout: 'yes' })),
    'signed-out',
  )
}

function dropCookies(browser: TestBrowser): void {
  browser.forget(() => true)
}

describe('an address that never was an interaction', () => {
  test.each([
    ['nonsense', 'interaction-unknown'],
    ['%00', 'interaction-unknown'],
    ['AAAAAAAAAAAAAAAAAAAAA', 'interaction-expired'],
  ])('%s leads to a page that says %s and offers the way on', async (id, problem) => {
    const response = await app.browser().get(`/demo/interaction/${id}`)
    expect(response.status).toBe(404)
    expect(pageOf(response, 'problem')).toMatchObject({ problem, client: { uri: 'http://localhost:3001/' } })
  })

  test('is told to a program as data', async () => {
    const response = await app.browser().get('/demo/interaction/nonsense', { accept: 'application/json' })
    expect(response.status).toBe(404)
    expect(JSON.parse(response.body)).toMatchObject({ page: 'problem', problem: 'interaction-unknown' })
  })
})

test('an interaction belongs to the browser it was started in', async () => {
  const { state } = await visitSignIn(app)
  const stranger = app.browser()
  expect(pageOf(await stranger.get(state.action), 'problem')).toMatchObject({ problem: 'interaction-expired' })
  const posted = await stranger.postForm(state.action, signInStep())
  expect(pageOf(posted, 'problem')).toMatchObject({ problem: 'interaction-expired' })
})

describe('a page that ran out', () => {
  test('starts over when it is reloaded, says so, and ends at the app', async () => {
    const { browser, pkce, state } = await visitSignIn(app)
    waitPastTheEnd()
    const reloaded = await browser.open(state.action)
    const again = pageOf(reloaded, 'sign-in')
    expect(again).toMatchObject({ notice: 'continued', username: '' })
    expect(again.action).not.toBe(state.action)
    const consent = pageOf(await browser.follow(await browser.postForm(again.action, signInStep())), 'consent')
    const answer = answerAtApp(await browser.follow(await browser.postForm(consent.action, ALLOW)))
    expect(answer.state).toBe('state-of-the-app')
    expect(await redeem(app, { code: answer.code ?? '', pkce })).toMatchObject({ status: 200 })
  })

  test('tells a program where it goes on', async () => {
    const { browser, state } = await visitSignIn(app)
    waitPastTheEnd()
    const response = await browser.get(state.action, { accept: 'application/json' })
    const { redirectTo } = JSON.parse(response.body)
    expect(pageOf(await browser.open(redirectTo), 'sign-in')).toMatchObject({ notice: 'continued' })
  })

  test('without its cookies offers the way on', async () => {
    const { browser, state } = await visitSignIn(app)
    waitPastTheEnd()
    dropCookies(browser)
    const response = await browser.open(state.action)
    expect(response.status).toBe(404)
    expect(pageOf(response, 'problem')).toMatchObject({ problem: 'interaction-expired', client: { name: 'Catalog' } })
  })

  test('keeps the key an app bound its code to (RFC 9449 section 10)', async () => {
    const key = await createDpopKey()
    const { browser, pkce, state } = await visitConsent(app, { overrides: { dpop_jkt: key.thumbprint } })
    waitPastTheEnd()
    const again = pageOf(await browser.open(state.action), 'consent')
    const { code = '' } = answerAtApp(await browser.follow(await browser.postForm(again.action, ALLOW)))
    expect(await redeem(app, { code, pkce })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })
})

describe.each(['form', 'JSON'] as const)('a step posted as %s from a page that ran out', (kind) => {
  /** Where the step leads: as a form post the browser follows, or as data a page acts on. */
  async function post(browser: TestBrowser, action: string, fields: Record<string, string>) {
    if (kind === 'form') return browser.follow(await browser.postForm(action, fields))
    const response = await browser.postJson(action, fields)
    const { redirectTo } = JSON.parse(response.body)
    return redirectTo === undefined ? browser.get(JSON.parse(response.body).state.action) : browser.open(redirectTo)
  }

  test.each([
    ['with its cookies', () => {}],
    ['with only its sealed request', dropCookies],
  ])('%s carries on: the password is not asked for twice', async (_what, loseCookies) => {
    const { browser, pkce, state } = await visitSignIn(app)
    waitPastTheEnd()
    loseCookies(browser)
    const next = await post(browser, state.action, { ...signInStep(), sealed_request: state.sealedRequest })
    const consent = pageOf(next, 'consent')
    const answer = answerAtApp(await browser.follow(await browser.postForm(consent.action, ALLOW)))
    expect(answer.state).toBe('state-of-the-app')
    expect(await redeem(app, { code: answer.code ?? '', pkce })).toMatchObject({ status: 200 })
  })

  test('takes the consent of a person who is still signed in', async () => {
    const { browser, state } = await visitConsent(app)
    waitPastTheEnd()
    expect(answerAtApp(await post(browser, state.action, ALLOW))).toHaveProperty('code')
  })

  test('asks who is there before it takes a consent from nobody', async () => {
    const { browser, state } = await visitConsent(app)
    waitPastTheEnd()
    dropCookies(browser)
    const next = await post(browser, state.action, { ...ALLOW, sealed_request: state.sealedRequest })
    pageOf(next, 'sign-in')
    expect(await app.store.db.selectFrom('consents').selectAll().execute()).toEqual([])
  })
})

test('a wrong password on a page that ran out can be corrected on the next', async () => {
  const { browser, state } = await visitSignIn(app)
  waitPastTheEnd()
  dropCookies(browser)
  const refused = await browser.postForm(state.action, { ...signInStep(WRONG), sealed_request: state.sealedRequest })
  expect(refused.status).toBe(422)
  const again = pageOf(refused, 'sign-in')
  expect(again).toMatchObject({ username: 'ada', error: { code: 'wrong-credentials' } })
  pageOf(await browser.follow(await browser.postForm(again.action, signInStep())), 'consent')
})

describe('the sealed copy of a request', () => {
  async function postSealed(seal: (sealed: string) => string, at = '/demo') {
    const { browser, state } = await visitSignIn(app)
    dropCookies(browser)
    const action = state.action.replace('/demo', at)
    return browser.postForm(action, { ...signInStep(), sealed_request: seal(state.sealedRequest) })
  }

  test('is good for a week', async () => {
    const { browser, state } = await visitSignIn(app)
    const post = () => browser.postForm(state.action, { ...signInStep(), sealed_request: state.sealedRequest })
    wait(7 * DAY_MS - 60_000)
    dropCookies(browser)
    expect((await post()).status).toBe(303)
    wait(2 * 60_000)
    dropCookies(browser)
    expect(pageOf(await post(), 'problem')).toMatchObject({ problem: 'interaction-expired' })
  })

  test.each([
    // Not its last character, of which base64url may read only some bits.
    ['changed', (sealed: string) => sealed.replace(/.(?=.{9}$)/, (one) => (one === 'A' ? 'B' : 'A'))],
    ['made up', () => 'v1.00000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['empty', () => ''],
  ])('does nothing when it was %s', async (_what, seal) => {
    expect(pageOf(await postSealed(seal), 'problem')).toMatchObject({ problem: 'interaction-expired' })
  })

  test('does nothing at another tenant', async () => {
    expect(pageOf(await postSealed((sealed) => sealed, '/other'), 'problem')).toMatchObject({
      problem: 'interaction-expired',
      tenant: { id: 'other' },
    })
  })
})

describe('Back, double clicks and other tabs', () => {
  test('a finished interaction opened again ends signed in at the app', async () => {
    const { browser, pkce, state } = await visitConsent(app)
    const finished = await browser.follow(await browser.postForm(state.action, ALLOW))
    const first = answerAtApp(finished)
    const second = answerAtApp(await browser.open(state.action))
    expect(second.code).not.toBe(first.code)
    expect(second.state).toBe(first.state)
    expect(await redeem(app, { code: second.code ?? '', pkce })).toMatchObject({ status: 200 })
  })

  test('a finished sign-in page sent again ends signed in at the app', async () => {
    const { browser, state } = await visitSignIn(app)
    const consent = pageOf(await browser.follow(await browser.postForm(state.action, signInStep())), 'consent')
    await browser.follow(await browser.postForm(consent.action, ALLOW))
    expect(answerAtApp(await browser.follow(await browser.postForm(state.action, signInStep())))).toHaveProperty('code')
  })

  test('a sign-in sent twice at once is one sign-in', async () => {
    const { browser, state } = await visitSignIn(app)
    const [, second] = await Promise.all([
      browser.postForm(state.action, signInStep()),
      browser.postForm(state.action, signInStep()),
    ])
    pageOf(await browser.follow(second), 'consent')
  })

  test('a consent sent twice, the second after the first was followed, ends at the app', async () => {
    const { browser, state } = await visitConsent(app)
    const [first, second] = await Promise.all([
      browser.postForm(state.action, ALLOW),
      browser.postForm(state.action, ALLOW),
    ])
    expect(answerAtApp(await browser.follow(first))).toHaveProperty('code')
    expect(answerAtApp(await browser.follow(second))).toHaveProperty('code')
  })

  test('two tabs with a sign-in each both end at the app', async () => {
    const browser = app.browser()
    const [one, two] = [await visitSignIn(app, { browser }), await visitSignIn(app, { browser })]
    const consent = pageOf(await browser.follow(await browser.postForm(one.state.action, signInStep())), 'consent')
    const first = answerAtApp(await browser.follow(await browser.postForm(consent.action, ALLOW)))
    const second = answerAtApp(await browser.follow(await browser.postForm(two.state.action, signInStep())))
    expect(await redeem(app, { code: first.code ?? '', pkce: one.pkce })).toMatchObject({ status: 200 })
    expect(await redeem(app, { code: second.code ?? '', pkce: two.pkce })).toMatchObject({ status: 200 })
  })

  test('two tabs that both wait for consent both end at the app', async () => {
    const browser = app.browser()
    const [one, two] = [await visitSignIn(app, { browser }), await visitSignIn(app, { browser })]
    const first = pageOf(await browser.follow(await browser.postForm(one.state.action, signInStep())), 'consent')
    const second = pageOf(await browser.follow(await browser.postForm(two.state.action, signInStep())), 'consent')
    for (const { action } of [first, second]) {
      expect(answerAtApp(await browser.follow(await browser.postForm(action, ALLOW)))).toHaveProperty('code')
    }
  })

  test('a consent page whose person signed out in another tab asks who is there', async () => {
    const { browser, state } = await visitConsent(app)
    await signOut(browser)
    pageOf(await browser.follow(await browser.postForm(state.action, ALLOW)), 'sign-in')
  })

  test('a consent page whose person signed out and in again in another tab ends at the app', async () => {
    const { browser, state } = await visitConsent(app)
    await signOut(browser)
    await visitConsent(app, { browser })
    expect(answerAtApp(await browser.follow(await browser.postForm(state.action, ALLOW)))).toHaveProperty('code')
  })

  test('a consent page of a session this browser replaced by another ends at the app', async () => {
    const { browser, state } = await visitConsent(app)
    browser.forget((name) => name.includes('session'))
    await visitConsent(app, { browser })
    expect(answerAtApp(await browser.follow(await browser.postForm(state.action, ALLOW)))).toHaveProperty('code')
  })

  test('a consent page of a session this browser lost asks who is there', async () => {
    const { browser, state } = await visitConsent(app)
    browser.forget((name) => name.includes('session'))
    pageOf(await browser.follow(await browser.postForm(state.action, ALLOW)), 'sign-in')
    pageOf(await browser.open(state.action), 'sign-in')
  })

  test('a page from before the last step shows where the sign-in stands', async () => {
    const { browser, state } = await visitConsent(app)
    pageOf(await browser.postForm(state.action, signInStep()), 'consent')
  })
})
