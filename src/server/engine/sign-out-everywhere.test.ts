import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../store/store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import {
  aPkce,
  authorizeUrl,
  completeSignIn,
  obtainCode,
  redeem,
  refresh,
  signedIn,
  startGuest,
} from '../test/flows.ts'
import { answerAtApp, pageOf, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { APP_ORIGIN, BEN, ISSUER } from '../test/test-config.ts'

const HOME = `${APP_ORIGIN}/`

let app: TestApp

const logoutUrl = (parameters: Record<string, string>) =>
  `${ISSUER}/logout?${new URLSearchParams({ logout_scope: 'everywhere', ...parameters })}`

async function isSignedIn(browser: TestBrowser): Promise<boolean> {
  return 'code' in answerAtApp(await browser.open(authorizeUrl(aPkce(), { prompt: 'none' })))
}

const statusOf = async (token: string) => (await refresh(app, { token })).status

/** Ada on two devices, and Ben on a third. */
async function aHousehold() {
  return { here: await signedIn(app), there: await signedIn(app), ben: await signedIn(app, { person: BEN }) }
}
type Household = Awaited<ReturnType<typeof aHousehold>>

async function expectAdaGone({ here, there, ben }: Household): Promise<void> {
  for (const { browser, refreshToken } of [here, there]) {
    expect(await isSignedIn(browser)).toBe(false)
    expect(await statusOf(refreshToken)).toBe(400)
  }
  expect(await isSignedIn(ben.browser)).toBe(true)
  expect(await statusOf(ben.refreshToken)).toBe(200)
}

async function expectNobodyGone({ here, there, ben }: Household): Promise<void> {
  for (const { browser } of [here, there, ben]) expect(await isSignedIn(browser)).toBe(true)
}

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
    app = await startTestApp({ store })
  })
  afterAll(() => app.close())

  describe('with an ID token of a login that lives, of whoever is signed in', () => {
    test('ends every session and login of the person without a question, back at the app with its state', async () => {
      const household = await aHousehold()
      const hint = { id_token_hint: household.here.idToken, post_logout_redirect_uri: HOME, state: 'a b&c' }
      expect(answerAtApp(await household.here.browser.open(logoutUrl(hint)), HOME)).toEqual({ state: 'a b&c' })
      await expectAdaGone(household)
    })

    test('takes logins along that were to outlive their session, and codes that are on their way', async () => {
      const { browser, idToken } = await signedIn(app)
      const overrides = { scope: 'openid offline_access', prompt: 'consent' }
      const offline = await signedIn(app, { overrides })
      const pkce = aPkce()
      const code = await obtainCode(offline.browser, pkce)
      await browser.open(logoutUrl({ id_token_hint: idToken }))
      expect(await statusOf(offline.refreshToken)).toBe(400)
      expect(await redeem(app, { code, pkce })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    })

    test('leaves guests alone: they are nobody’s', async () => {
      const { refreshToken } = await startGuest(app)
      const { browser, idToken } = await signedIn(app)
      await browser.open(logoutUrl({ id_token_hint: idToken }))
      expect(await statusOf(refreshToken)).toBe(200)
    })

    test('without an address to go to ends on a page that says it was everywhere', async () => {
      const { browser, idToken } = await signedIn(app)
      const page = pageOf(await browser.open(logoutUrl({ id_token_hint: idToken })), 'signed-out')
      expect(page.elsewhere).toBe('ended')
    })

    test('is audited as what it was', async () => {
      const { browser, idToken } = await signedIn(app)
      await browser.open(logoutUrl({ id_token_hint: idToken }))
      const entries = await store.db.selectFrom('audit').selectAll().where('event', '=', 'sign-out').execute()
      const sub = decodeJwt(idToken).sub
      expect(entries.at(-1)).toMatchObject({ user_id: sub, client_id: 'catalog', detail: '{"scope":"everywhere"}' })
    })

    test('ends a sign-in of the same person that is between two steps, and signing in again works at once', async () => {
      const { here, there } = await aHousehold()
      const { browser } = there
      const { state } = await visitSignIn(app, { browser, overrides: { prompt: 'login' } })
      await here.browser.open(logoutUrl({ id_token_hint: here.idToken }))
      pageOf(await browser.open(state.action), 'sign-in')
      expect(answerAtApp(await completeSignIn(browser, await browser.open(state.action)))).toHaveProperty('code')
    })
  })

  describe('without that proof', () => {
    test.each<[string, (household: Household) => Promise<Record<string, string>> | Record<string, string>]>([
      ['no hint: a link on a stranger’s page', () => ({})],
      ['only the client’s name', () => ({ client_id: 'catalog', post_logout_redirect_uri: HOME })],
      ['an ID token of a login that has ended', async () => ({ id_token_hint: await endedLogin() })],
      ['somebody else’s ID token', ({ ben }) => ({ id_token_hint: ben.idToken })],
    ])('asks first, with %s', async (_what, hintFrom) => {
      const household = await aHousehold()
      const { browser } = household.here
      const question = pageOf(await browser.open(logoutUrl(await hintFrom(household))), 'sign-out')
      expect(question).toMatchObject({ scope: 'everywhere', apps: ['Catalog'], person: { username: 'ada' } })
      expect(question).not.toHaveProperty('widen')
      await expectNobodyGone(household)
      const form = { ...question.fields, logout: question.scope }
      await browser.follow(await browser.postForm(question.action, form))
      await expectAdaGone(household)
    })

    test('the question about this browser names its apps, and leads to the one about all', async () => {
      const { browser } = await signedIn(app)
      const request = new URLSearchParams({ client_id: 'catalog', post_logout_redirect_uri: HOME, state: 'xyz' })
      const small = pageOf(await browser.open(`${ISSUER}/logout?${request}`), 'sign-out')
      expect(small).toMatchObject({ scope: 'browser', apps: ['Catalog'] })
      const large = pageOf(await browser.open(small.widen ?? ''), 'sign-out')
      expect(large.scope).toBe('everywhere')
      const answered = await browser.postForm(large.action, { ...large.fields, logout: large.scope })
      expect(answerAtApp(answered, HOME)).toEqual({ state: 'xyz' })
    })

    test('an answer that no page of ours asked for ends nothing', async () => {
      const household = await aHousehold()
      const { browser } = household.here
      const { action } = pageOf(await browser.open(logoutUrl({})), 'sign-out')
      expect((await browser.postForm(action, { xsrf: 'guessed', logout: 'everywhere' })).status).toBe(400)
      await expectNobodyGone(household)
    })

    test('a hint that is no ID token of ours leads to a page of ours, and nobody is signed out', async () => {
      const household = await aHousehold()
      const response = await household.here.browser.open(logoutUrl({ id_token_hint: household.here.accessToken }))
      expect(response.status).toBe(400)
      expect(pageOf(response, 'problem').problem).toBe('sign-out-invalid')
      await expectNobodyGone(household)
    })
  })

  describe('where this browser has no session any more', () => {
    test('an ID token of a login that lives still ends everything', async () => {
      const household = await aHousehold()
      const { idToken } = household.here
      const answer = await app.browser().open(logoutUrl({ id_token_hint: idToken, post_logout_redirect_uri: HOME }))
      expect(answerAtApp(answer, HOME)).toEqual({})
      await expectAdaGone(household)
      const entries = await store.db.selectFrom('audit').selectAll().where('event', '=', 'sign-out').execute()
      expect(JSON.parse(entries.at(-1)?.detail ?? '{}')).toMatchObject({ scope: 'everywhere', logins: 2 })
    })

    test.each<[string, () => Promise<Record<string, string>>]>([
      ['an ID token whose login has ended', async () => ({ id_token_hint: await endedLogin() })],
      ['no ID token', async () => ({ client_id: 'catalog' })],
    ])('with %s nobody is led to believe that it worked', async (_what, hint) => {
      const there = await signedIn(app)
      const request = { ...(await hint()), post_logout_redirect_uri: HOME }
      const page = pageOf(await app.browser().open(logoutUrl(request)), 'signed-out')
      expect(page.elsewhere).toBe('unchanged')
      expect(await isSignedIn(there.browser)).toBe(true)
    })
  })

  test.each(['logout_scope=galaxy', 'logout_scope=everywhere&logout_scope=browser', 'logout_scope=Everywhere'])(
    '%s is refused rather than taken for less',
    async (query) => {
      const { browser, idToken } = await signedIn(app)
      const response = await browser.open(`${ISSUER}/logout?id_token_hint=${idToken}&${query}`)
      expect(response.status).toBe(400)
      expect(pageOf(response, 'problem').problem).toBe('sign-out-invalid')
      expect(await isSignedIn(browser)).toBe(true)
    },
  )

  test('an empty logout_scope is none, and `browser` is the usual one', async () => {
    for (const scope of ['', 'browser']) {
      const [here, there] = [await signedIn(app), await signedIn(app)]
      await here.browser.open(logoutUrl({ id_token_hint: here.idToken, logout_scope: scope }))
      expect(await isSignedIn(here.browser)).toBe(false)
      expect(await isSignedIn(there.browser)).toBe(true)
    }
  })

  beforeEach(async () => {
    await store.db.deleteFrom('families').execute()
    await store.db.deleteFrom('engine_records').execute()
  })
  afterEach(() => expect(app.log.filter((line) => line.includes('"level":50'))).toEqual([]))

  /** An ID token of Ada's whose login is over. */
  async function endedLogin(): Promise<string> {
    const { browser, idToken } = await signedIn(app)
    await browser.open(`${ISSUER}/logout?id_token_hint=${idToken}`)
    return idToken
  }
})
