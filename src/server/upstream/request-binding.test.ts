import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SignInPage } from '../../contract/page-state.ts'
import { aPkce, authorizeUrl } from '../test/flows.ts'
import { answerAtApp, pageOf, type Visit, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { aClient, aConfig } from '../test/test-config.ts'
import { chooseUpstream, comeBack } from './test/sign-in-through.ts'
import { startUpstream, type UpstreamServer } from './test/upstream-server.ts'
import { Visitor } from './test/visitor.ts'

let acme: UpstreamServer
let app: TestApp
beforeAll(async () => {
  acme = await startUpstream({ names: ['acme', 'twin'] })
  acme.accounts.set('cleo', {})
  acme.accounts.set('mallory', {})
  const upstream = [acme.entry({ provision: true }), acme.entry({ name: 'twin', label: 'Twin', provision: true })]
  const clients = [aClient({ consent: 'skip' })]
  app = await startTestApp({ config: aConfig({ tenant: { upstream, clients } }) })
})
afterAll(async () => {
  await app.close()
  await acme.close()
})
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  acme.asked.length = 0
})
afterEach(() => {
  vi.useRealTimers()
})

/** Through the provider, up to where it sends the browser back to. */
async function wayBack({ browser, state }: Visit<SignInPage>, login = 'cleo') {
  return new Visitor().signIn(await chooseUpstream(browser, state), login)
}

async function isSignedIn(browser: TestBrowser): Promise<boolean> {
  return 'code' in answerAtApp(await browser.open(authorizeUrl(aPkce(), { prompt: 'none' })))
}

const EXPIRED = { code: 'upstream-expired', upstream: 'Acme' }

describe('an answer belongs to the browser that asked', () => {
  test('another browser gets nothing with it, and it still works where it belongs', async () => {
    const visit = await visitSignIn(app)
    const back = await wayBack(visit)
    const other = app.browser()
    expect(pageOf(await comeBack(other, back), 'problem')).toMatchObject({
      problem: 'interaction-unknown',
      client: { name: 'Catalog' },
    })
    expect(await isSignedIn(other)).toBe(false)
    expect(acme.asked).not.toContain('/token')
    expect(answerAtApp(await comeBack(visit.browser, back))).toHaveProperty('code')
  })

  test('nobody is signed in as whoever followed a link to the provider that somebody else began', async () => {
    const attacker = await visitSignIn(app)
    const address = await chooseUpstream(attacker.browser, attacker.state)
    // The victim, signed in at the provider, opens the attacker's link and comes back in their own browser.
    await comeBack(app.browser(), await new Visitor().signIn(address, 'cleo'))
    pageOf(await attacker.browser.open(attacker.state.action), 'sign-in')
    expect(await isSignedIn(attacker.browser)).toBe(false)
  })

  test('nobody is signed in with an account that somebody else brought back', async () => {
    const mallory = await wayBack(await visitSignIn(app), 'mallory')
    const victim = await visitSignIn(app)
    expect(pageOf(await comeBack(victim.browser, mallory), 'problem').problem).toBe('interaction-unknown')
    expect(await isSignedIn(victim.browser)).toBe(false)
  })
})

describe('an answer belongs to the request it answers', () => {
  test.each<[string, (address: URL) => void]>([
    ['another state', (url) => url.searchParams.set('state', `${url.searchParams.get('state')?.slice(0, -4)}AAAA`)],
    ['two states', (url) => url.searchParams.append('state', url.searchParams.get('state') ?? '')],
    ['another issuer (RFC 9207)', (url) => url.searchParams.set('iss', 'https://id.other.test')],
    ['no issuer although the provider promised one (RFC 9207)', (url) => url.searchParams.delete('iss')],
    ['no code', (url) => url.searchParams.delete('code')],
    ['another code', (url) => url.searchParams.set('code', 'made-up')],
    ['an ID token from the front channel', (url) => url.searchParams.set('id_token', 'a.b.c')],
  ])('with %s nobody is signed in', async (_what, change) => {
    const visit = await visitSignIn(app)
    const { url } = await wayBack(visit)
    change(url)
    const { error } = pageOf(await comeBack(visit.browser, { url }), 'sign-in')
    expect(error?.code).toMatch(/^upstream-(failed|expired)$/)
    expect(await isSignedIn(visit.browser)).toBe(false)
  })

  test('the answer of another sign-in in the same browser is not taken', async () => {
    const browser = app.browser()
    const [one, two] = [await visitSignIn(app, { browser }), await visitSignIn(app, { browser })]
    const { url } = await wayBack(one)
    const there = new URL(`${two.state.action}/upstream/acme${url.search}`, url)
    expect(pageOf(await comeBack(browser, { url: there }), 'sign-in').error).toEqual(EXPIRED)
    expect(answerAtApp(await comeBack(browser, { url }))).toHaveProperty('code')
  })

  test('one provider’s answer is not taken for another’s', async () => {
    const visit = await visitSignIn(app)
    const { url } = await wayBack(visit)
    const misled = new URL(url)
    misled.pathname = misled.pathname.replace('acme', 'twin')
    expect(pageOf(await comeBack(visit.browser, { url: misled }), 'problem').problem).toBe('interaction-unknown')
    const direct = new URL(`${visit.state.action}/upstream/twin${url.search}`, url)
    const { error } = pageOf(await comeBack(visit.browser, { url: direct }), 'sign-in')
    expect(error).toEqual({ code: 'upstream-expired', upstream: 'Twin' })
  })

  test.each([
    ['without a state', ''],
    ['with a state nobody made', '?code=x&state=acme--nonsense'],
    ['with a state of another form', '?code=x&state=zzz'],
  ])('the callback %s leads to a page with a way on', async (_what, query) => {
    const response = await app.browser().get(`/demo/upstream/acme/callback${query}`)
    expect(response.status).toBe(400)
    expect(pageOf(response, 'problem')).toMatchObject({ client: { uri: 'http://localhost:3001/' } })
  })

  test('the callback of a provider nobody knows is not there', async () => {
    expect((await app.browser().get('/demo/upstream/nobody/callback?state=nobody--x')).status).toBe(404)
  })
})

describe('an answer counts once', () => {
  test('reloading the address it came to ends at the app again', async () => {
    const visit = await visitSignIn(app)
    const back = await wayBack(visit)
    expect(answerAtApp(await comeBack(visit.browser, back))).toHaveProperty('code')
    acme.asked.length = 0
    expect(answerAtApp(await comeBack(visit.browser, back))).toMatchObject({ state: 'state-of-the-app' })
    expect(acme.asked).not.toContain('/token')
  })

  test('sent twice at once it signs one person in', async () => {
    const visit = await visitSignIn(app)
    const { url } = await wayBack(visit)
    const answers = await Promise.all([visit.browser.get(url.href), visit.browser.get(url.href)])
    const ends = await Promise.all(answers.map(({ location }) => visit.browser.get(location?.href ?? '')))
    expect(acme.asked.filter((path) => path === '/token')).toHaveLength(1)
    const next = ends.map(({ location }) => location?.pathname.split('/')[2])
    expect(next).toContain('authorize')
  })

  test('after a failed try it is not taken again', async () => {
    const visit = await visitSignIn(app)
    const { url } = await wayBack(visit)
    const wrong = new URL(url)
    wrong.searchParams.set('code', 'made-up')
    pageOf(await comeBack(visit.browser, { url: wrong }), 'sign-in')
    expect(pageOf(await comeBack(visit.browser, { url }), 'sign-in').error).toEqual(EXPIRED)
  })

  test('after the second of two tries on one page the first one’s answer still gets the person in', async () => {
    const visit = await visitSignIn(app)
    const [one, two] = [await wayBack(visit), await wayBack(visit)]
    expect(two.url.href).not.toBe(one.url.href)
    expect(answerAtApp(await comeBack(visit.browser, one))).toHaveProperty('code')
  })

  test('after the sign-in page has run out it starts over, and the next try gets the person in', async () => {
    const visit = await visitSignIn(app)
    const back = await wayBack(visit)
    vi.setSystemTime(Date.now() + (app.config.limits.interaction_ttl + 10) * 1000)
    const state = pageOf(await comeBack(visit.browser, back), 'sign-in')
    expect(state.notice).toBe('continued')
    const again = await wayBack({ ...visit, state })
    expect(answerAtApp(await comeBack(visit.browser, again))).toMatchObject({ state: 'state-of-the-app' })
  })

  test('Back from the provider shows the same sign-in page, and every way in still works', async () => {
    const visit = await visitSignIn(app)
    await chooseUpstream(visit.browser, visit.state)
    const state = pageOf(await visit.browser.open(visit.state.action), 'sign-in')
    expect(state.error).toBeUndefined()
    expect(answerAtApp(await comeBack(visit.browser, await wayBack({ ...visit, state })))).toHaveProperty('code')
  })
})
