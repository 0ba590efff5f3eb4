import { setImmediate as letOthersRun } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createApp } from '../app.ts'
import { aPkce, authorizeUrl, completeSignIn, refresh, signedIn } from '../test/flows.ts'
import { ALLOW, answerAtApp, pageOf, signInStep, visitConsent, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { aConfig, SECRET } from '../test/test-config.ts'

const SESSION = 'portico_demo_session'
const session = { idle_ttl: 3_600, absolute_ttl: 10_800 }

let app: TestApp
beforeAll(async () => {
  app = await startTestApp({ config: aConfig({ tenant: { session } }) })
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

/** Whether a request that may show no page finds somebody signed in. */
async function isSignedIn(cookies: string, server = app.server): Promise<boolean> {
  const { pathname, search } = new URL(authorizeUrl(aPkce(), { prompt: 'none' }))
  const response = await server.inject({ url: pathname + search, headers: { host: 'localhost:3000', cookie: cookies } })
  return new URL(String(response.headers.location)).searchParams.has('code')
}

const cookiesOf = (browser: TestBrowser) => browser.cookieHeader('/demo/authorize')

async function signOut(browser: TestBrowser): Promise<void> {
  const question = pageOf(await browser.open('/demo/logout'), 'sign-out')
  await browser.postForm(question.action, { ...question.fields, logout: 'yes' })
}

describe('a session has a new id, and the old one is dead', () => {
  test('after each sign-in', async () => {
    const { browser } = await signedIn(app)
    const before = cookiesOf(browser)
    expect(await isSignedIn(before)).toBe(true)
    await completeSignIn(browser, await browser.open(authorizeUrl(aPkce(), { prompt: 'login' })))
    expect(browser.cookie(SESSION)).not.toBe(before.split('; ')[0]?.split('=')[1])
    expect(await isSignedIn(before)).toBe(false)
    expect(await isSignedIn(cookiesOf(browser))).toBe(true)
  })

  test('after the sign-in of somebody else', async () => {
    const { browser } = await signedIn(app)
    const before = cookiesOf(browser)
    const page = await browser.open(authorizeUrl(aPkce(), { prompt: 'login' }))
    await completeSignIn(browser, page, { username: 'ben', password: 'seven quiet lanterns' })
    expect(await isSignedIn(before)).toBe(false)
    expect(await isSignedIn(cookiesOf(browser))).toBe(true)
  })

  test('and only then: a person whose browser never got the answer to their consent is signed in all the same', async () => {
    await app.store.db.deleteFrom('consents').execute()
    const { browser, state } = await visitConsent(app)
    const before = cookiesOf(browser)
    const allowed = await browser.postForm(state.action, ALLOW)
    const { code } = answerAtApp(await browser.get(allowed.location?.href ?? ''))
    expect(code).toBeDefined()
    expect(await isSignedIn(before)).toBe(true)
  })

  test('also when it began before anybody signed in: a planted cookie gives nothing away', async () => {
    const attacker = app.browser()
    const { browser } = await signedIn(app)
    const ended = cookiesOf(browser)
    await signOut(browser)
    await attacker.get(authorizeUrl(aPkce()), { cookie: ended })
    const planted = cookiesOf(attacker)
    expect(planted).toContain(`${SESSION}=`)
    const victim = attacker
    await completeSignIn(victim, await victim.open(authorizeUrl(aPkce())))
    expect(await isSignedIn(cookiesOf(victim))).toBe(true)
    expect(await isSignedIn(planted)).toBe(false)
  })
})

test('a cookie that was changed, or lost its signature, is nobody’s', async () => {
  const { browser } = await signedIn(app)
  const cookies = cookiesOf(browser)
  const value = browser.cookie(SESSION) ?? ''
  const changed = `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`
  expect(await isSignedIn(cookies)).toBe(true)
  expect(await isSignedIn(cookies.replaceAll(value, changed))).toBe(false)
  expect(await isSignedIn(cookies.replace(/\.sig=..../, '.sig=AAAA'))).toBe(false)
  expect(await isSignedIn(`${SESSION}=${value}`)).toBe(false)
})

test('sessions survive a change of the secret, while the old one is still named', async () => {
  const { browser } = await signedIn(app)
  const secrets = `a new secret in the old one’s place 1234,${SECRET}`
  const { server } = await createApp({ config: aConfig({ secrets }), store: app.store, log: { level: 'silent' } })
  expect(await isSignedIn(cookiesOf(browser), server)).toBe(true)
  await server.close()
})

describe('a session ends', () => {
  test('when it lay idle', async () => {
    const { browser } = await signedIn(app)
    waitSeconds(session.idle_ttl - 60)
    expect(await isSignedIn(cookiesOf(browser))).toBe(true)
    const idle = await signedIn(app)
    waitSeconds(session.idle_ttl + 60)
    expect(await isSignedIn(cookiesOf(idle.browser))).toBe(false)
  })

  test('in the end, however busy it was', async () => {
    const { browser } = await signedIn(app)
    for (let used = 0; used < session.absolute_ttl - 1_800; used += 1_800) {
      waitSeconds(1_800)
      expect(answerAtApp(await browser.open(authorizeUrl(aPkce(), { prompt: 'none' })))).toHaveProperty('code')
    }
    waitSeconds(1_900)
    expect(answerAtApp(await browser.open(authorizeUrl(aPkce(), { prompt: 'none' })))).toMatchObject({
      error: 'login_required',
    })
  })

  test('and the browser is told when', async () => {
    const browser = app.browser()
    const answer = await completeSignIn(browser, await browser.open(authorizeUrl(aPkce())))
    const cookie = [answer.headers['set-cookie'] ?? []].flat().find((line) => line.startsWith(`${SESSION}=`)) ?? ''
    const [, expires = ''] = /expires=([^;]+)/i.exec(cookie) ?? []
    expect(Date.parse(expires) - Date.now()).toBeLessThanOrEqual(session.idle_ttl * 1000)
    expect(Date.parse(expires) - Date.now()).toBeGreaterThan((session.idle_ttl - 60) * 1000)
  })
})

describe('an ended session stays ended', () => {
  /** Holds the database until every request waits for it; from then on they take turns, one query each. */
  async function inTurns(...requests: (() => Promise<unknown>)[]): Promise<void> {
    const { promise: everybodyWaits, resolve: letGo } = Promise.withResolvers<void>()
    const held = app.store.transaction(() => everybodyWaits)
    const running = requests.map((send) => send())
    for (let turn = 0; turn < 50; turn++) await letOthersRun()
    letGo()
    await Promise.all([held, ...running])
  }

  test('for requests that had read it before it ended', async () => {
    const { browser, refreshToken } = await signedIn(app)
    const question = pageOf(await browser.open('/demo/logout'), 'sign-out')
    const cookie = cookiesOf(browser)
    const twin = app.browser()
    const use = () => twin.get(authorizeUrl(aPkce(), { prompt: 'none' }), { cookie })
    await inTurns(use, () => browser.postForm(question.action, { ...question.fields, logout: 'yes' }), use)
    expect(await isSignedIn(cookie)).toBe(false)
    expect(await isSignedIn(cookiesOf(twin))).toBe(false)
    expect(await refresh(app, { token: refreshToken })).toMatchObject({ status: 400 })
  })

  test('for a sign-in that was between two steps', async () => {
    const { browser } = await signedIn(app)
    const { state } = await visitSignIn(app, { browser, overrides: { prompt: 'login' } })
    const accepted = await browser.postForm(state.action, signInStep())
    const before = cookiesOf(browser)
    await signOut(browser)
    await browser.follow(accepted)
    expect(await isSignedIn(before)).toBe(false)
  })
})
