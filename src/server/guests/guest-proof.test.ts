import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDpopKey } from '../test/dpop-key.ts'
import {
  aPkce,
  authorizeUrl,
  completeSignIn,
  GUEST_GRANT,
  obtainGuestCode,
  pushRequest,
  redeem,
  refresh,
  signInAsGuest,
  startGuest,
} from '../test/flows.ts'
import { ALLOW, answerAtApp, DENY, pageOf, signInStep } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { ADA, aConfig, aGuestClient, BEN, ISSUER, ORIGIN } from '../test/test-config.ts'

const HOUR = 3600

const tenant = () => ({
  name: 'Demo Store',
  roles: ['Browser', 'Shopper'],
  clients: [
    aGuestClient(),
    aGuestClient({ client_id: 'other-shop' }),
    aGuestClient({ client_id: 'first-party', consent: 'skip' }),
    aGuestClient({ client_id: 'hasty', consent: 'skip', absolute_ttl: 2 * HOUR }),
  ],
  users: [
    { ...ADA, roles: ['Shopper'] },
    { ...BEN, roles: ['Shopper'] },
    { username: 'visitor', guest_template: true, roles: ['Browser'] },
  ],
})

let app: TestApp
beforeAll(async () => {
  app = await startTestApp({ config: aConfig({ file: { tenants: { demo: tenant(), other: tenant() } } }) })
})
afterAll(() => app.close())
afterEach(async () => {
  vi.useRealTimers()
  await app.store.db.deleteFrom('consents').execute()
})

const invalidRequest = { error: 'invalid_request', error_description: expect.any(String) }

async function expectAlive({ refreshToken, sessionId }: Awaited<ReturnType<typeof startGuest>>): Promise<void> {
  expect((await refresh(app, { token: refreshToken })).body.session_id).toBe(sessionId)
}

/** What became of the guest: kept their session, or `none`. */
async function upgradeWith(guestToken: string, options: Parameters<typeof signInAsGuest>[2] = {}) {
  const { status, body } = await signInAsGuest(app, guestToken, options)
  expect(status).toBe(200)
  return { upgrade: body.guest_upgrade, session: body.session_id }
}

describe('a guest token', () => {
  it('is never accepted in an address, nor does it leave a trace in the log', async () => {
    const guest = await startGuest(app)
    const opened = await app.browser().get(authorizeUrl(aPkce(), { guest_token: guest.refreshToken }))
    expect(Object.fromEntries(opened.location?.searchParams ?? [])).toMatchObject(invalidRequest)
    expect(opened.location?.href).not.toContain(guest.refreshToken)
    const { body } = await pushRequest(app, aPkce(), { guestToken: guest.refreshToken })
    const beside = new URLSearchParams({
      client_id: 'catalog',
      request_uri: String(body.request_uri),
      guest_token: guest.refreshToken,
    })
    await app.browser().open(`${ISSUER}/authorize?${beside}`)
    await app
      .browser()
      .get(authorizeUrl(aPkce(), { guest_token: guest.refreshToken, redirect_uri: 'https://evil.test' }))
    expect(app.log.join('')).not.toContain(guest.refreshToken.slice(12))
    await expectAlive(guest)
  })

  it('is not kept where a pushed request is', async () => {
    const { refreshToken } = await startGuest(app)
    await pushRequest(app, aPkce(), { guestToken: refreshToken })
    const rows = await app.store.db.selectFrom('engine_records').select('payload').execute()
    const payloads = rows.map(({ payload }) => payload + decodedRequest(payload)).join('')
    expect(payloads).toContain('guest_session')
    expect(payloads).not.toContain(refreshToken.slice(12, 60))
  })

  it('may come once only', async () => {
    const { refreshToken } = await startGuest(app)
    const form = new URLSearchParams(new URL(authorizeUrl(aPkce())).search)
    form.append('guest_token', refreshToken)
    form.append('guest_token', refreshToken)
    const response = await app.server.inject({
      method: 'POST',
      url: '/demo/par',
      headers: { host: new URL(ORIGIN).host, 'content-type': 'application/x-www-form-urlencoded' },
      payload: form.toString(),
    })
    expect({ status: response.statusCode, body: response.json() }).toEqual({ status: 400, body: invalidRequest })
  })

  it.each([
    ['nonsense', async () => 'nonsense'],
    ['almost one', async () => `${(await startGuest(app)).refreshToken.slice(0, -6)}AAAAAA`],
    ['an access token', async () => (await startGuest(app)).accessToken],
    ["another app's", async () => (await startGuest(app, { fields: { client_id: 'other-shop' } })).refreshToken],
    ["another tenant's", () => guestOfTheOtherTenant()],
  ])('that is %s costs nobody their sign-in', async (_what, token) => {
    expect(await upgradeWith(await token())).toEqual({
      upgrade: 'none',
      session: expect.stringMatching(/^[\w-]{20,}$/),
    })
  })

  it('that has run out costs nobody their sign-in', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { refreshToken } = await startGuest(app)
    vi.setSystemTime(Date.now() + 31 * 24 * HOUR * 1000)
    expect((await upgradeWith(refreshToken)).upgrade).toBe('none')
  })

  it('that is missing is not spoken of', async () => {
    for (const fields of [{}, { guest_token: '' }]) {
      const pkce = aPkce()
      const { url } = await pushRequest(app, pkce, { fields })
      const browser = app.browser()
      const { code = '' } = answerAtApp(await completeSignIn(browser, await browser.get(url)))
      expect((await redeem(app, { code, pkce })).body).not.toHaveProperty('guest_upgrade')
    }
  })
})

describe('the mark of a guest in a request', () => {
  it('can only be made here: from outside it is refused', async () => {
    const sealed = await sealedGuest()
    for (const guest_session of ['none', 'anything', sealed]) {
      expect(await pushRequest(app, aPkce(), { fields: { guest_session } })).toMatchObject({
        status: 400,
        body: invalidRequest,
      })
      const opened = await app.browser().get(authorizeUrl(aPkce(), { guest_session }))
      expect(Object.fromEntries(opened.location?.searchParams ?? [])).toMatchObject(invalidRequest)
    }
  })

  it('beside a pushed request counts for nothing', async () => {
    const pkce = aPkce()
    const { url } = await pushRequest(app, pkce)
    const browser = app.browser()
    const page = await browser.get(`${url}&guest_session=${await sealedGuest()}`)
    const { code = '' } = answerAtApp(await completeSignIn(browser, page))
    expect((await redeem(app, { code, pkce })).body).not.toHaveProperty('guest_upgrade')
  })

  /** As a thief of the database would find it. */
  async function sealedGuest(): Promise<string> {
    const { body } = await pushRequest(app, aPkce(), { guestToken: (await startGuest(app)).refreshToken })
    expect(body.request_uri).toBeDefined()
    const rows = await app.store.db.selectFrom('engine_records').select('payload').execute()
    const requests = rows.map(({ payload }) => decodedRequest(payload)).filter(Boolean)
    const [, sealed = ''] = /"guest_session":"(v1[^"]+)"/.exec(requests.join('')) ?? []
    expect(sealed).not.toBe('')
    return sealed
  }
})

describe('a guest bound to a key (RFC 9449)', () => {
  it('comes along with a proof by it, and the code is bound to it too', async () => {
    const key = await createDpopKey()
    const guest = await startGuest(app, { key })
    const wrong = await obtainGuestCode(app, guest.refreshToken, { key })
    expect(await redeem(app, { ...wrong, key: undefined })).toMatchObject({ body: { error: 'invalid_grant' } })
    expect(await upgradeWith(guest.refreshToken, { key })).toEqual({ upgrade: 'pending', session: guest.sessionId })
  })

  it.each([
    ['without a proof', async () => ({})],
    ["with another key's proof", async () => ({ key: await createDpopKey() })],
    ['with no more than the name of the key', async (thumbprint: string) => ({ fields: { dpop_jkt: thumbprint } })],
  ])('stays behind %s', async (_what, options) => {
    const guestKey = await createDpopKey()
    const guest = await startGuest(app, { key: guestKey })
    const pkce = aPkce()
    const { key, ...fields } = { key: undefined, ...(await options(guestKey.thumbprint)) }
    const { url } = await pushRequest(app, pkce, { guestToken: guest.refreshToken, key, ...fields })
    const browser = app.browser()
    const { code = '' } = answerAtApp(await completeSignIn(browser, await browser.get(url)))
    const redeemed = await redeem(app, { code, pkce, key: 'fields' in fields ? guestKey : key })
    expect(redeemed).toMatchObject({ status: 200, body: { guest_upgrade: 'none' } })
    expect(redeemed.body.session_id).not.toBe(guest.sessionId)
    expect((await refresh(app, { token: guest.refreshToken, key: guestKey })).status).toBe(200)
  })
})

describe('a session id sent along', () => {
  it("has to be the guest's: nobody brings one of somebody else's choosing", async () => {
    const guest = await startGuest(app)
    const other = await startGuest(app)
    const push = (session_id: string, guestToken?: string) =>
      pushRequest(app, aPkce(), { fields: { session_id }, ...(guestToken !== undefined && { guestToken }) })
    const refused = { status: 400, body: invalidRequest }
    expect(await push(other.sessionId, guest.refreshToken)).toMatchObject(refused)
    expect(await push('chosen', guest.refreshToken)).toMatchObject(refused)
    expect(await push(guest.sessionId)).toMatchObject(refused)
    expect((await push(guest.sessionId, guest.refreshToken)).status).toBe(201)
    const opened = await app.browser().get(authorizeUrl(aPkce(), { session_id: guest.sessionId }))
    expect(Object.fromEntries(opened.location?.searchParams ?? [])).toMatchObject(invalidRequest)
  })

  it('is forgotten beside a token that cannot be read', async () => {
    const { sessionId } = await startGuest(app)
    const pkce = aPkce()
    const { url } = await pushRequest(app, pkce, { guestToken: 'nonsense', fields: { session_id: sessionId } })
    const browser = app.browser()
    const { code = '' } = answerAtApp(await completeSignIn(browser, await browser.get(url)))
    const { body } = await redeem(app, { code, pkce })
    expect(body.guest_upgrade).toBe('none')
    expect(body.session_id).not.toBe(sessionId)
  })
})

describe('the guest comes along', () => {
  async function visit(browser: TestBrowser, fields: Record<string, string> = {}) {
    const guest = await startGuest(app, { fields })
    const pkce = aPkce()
    const { url } = await pushRequest(app, pkce, { guestToken: guest.refreshToken, fields })
    return { guest, pkce, fields, response: await browser.open(url) }
  }

  async function expectUpgraded(
    { guest, pkce, fields }: Awaited<ReturnType<typeof visit>>,
    response: Awaited<ReturnType<TestBrowser['get']>>,
  ) {
    const { code = '' } = answerAtApp(response)
    const { body } = await redeem(app, { code, pkce, fields })
    expect(body).toMatchObject({ session_id: guest.sessionId, guest_upgrade: 'pending' })
    return decodeJwt(body.access_token ?? '')
  }

  it('when consent is asked for, when it was given before, and when nothing is asked at all', async () => {
    const browser = app.browser()
    const first = await visit(browser)
    const consent = pageOf(
      await browser.follow(await browser.postForm(pageOf(first.response, 'sign-in').action, signInStep())),
      'consent',
    )
    const asked = await expectUpgraded(first, await browser.follow(await browser.postForm(consent.action, ALLOW)))
    const second = await visit(browser)
    const remembered = await expectUpgraded(second, second.response)
    const third = await visit(browser, { client_id: 'first-party' })
    const skipped = await expectUpgraded(third, third.response)
    const silent = await visit(browser, { prompt: 'none' })
    const unseen = await expectUpgraded(silent, silent.response)
    const logins = [asked, remembered, skipped, unseen]
    expect(new Set(logins.map(({ sub }) => sub)).size).toBe(1)
    // Four guests in one portal session: four logins, each with an end of its own.
    expect(new Set(logins.map(({ sid }) => sid)).size).toBe(4)
    expect(new Set(logins.map(({ session_id }) => session_id)).size).toBe(4)
  })

  it.each([
    ['with its cookies', () => {}],
    ['with only what the page carries', (browser: TestBrowser) => browser.forget(() => true)],
  ])('through a page that ran out, %s', async (_what, loseCookies) => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const browser = app.browser()
    const started = await visit(browser)
    const page = pageOf(started.response, 'sign-in')
    vi.setSystemTime(Date.now() + (app.config.limits.interaction_ttl + 10) * 1000)
    loseCookies(browser)
    const step = { ...signInStep(), sealed_request: page.sealedRequest }
    const consent = pageOf(await browser.follow(await browser.postForm(page.action, step)), 'consent')
    await expectUpgraded(started, await browser.follow(await browser.postForm(consent.action, ALLOW)))
  })

  it('with another person than the one who is signed in', async () => {
    const browser = app.browser()
    await signInAsGuest(app, (await startGuest(app)).refreshToken, { browser })
    await app.store.db.deleteFrom('consents').execute()
    const started = await visit(browser)
    const asked = pageOf(started.response, 'consent')
    const again = await browser.follow(await browser.postForm(asked.action, { step: 'switch-account' }))
    const answer = await completeSignIn(browser, again, BEN)
    expect((await expectUpgraded(started, answer)).roles).toEqual(['Shopper'])
  })

  it('with nobody who does not come back: an abandoned sign-in leaves the guest alone', async () => {
    const browser = app.browser()
    const started = await visit(browser)
    const page = pageOf(started.response, 'sign-in')
    const consent = pageOf(await browser.follow(await browser.postForm(page.action, signInStep())), 'consent')
    await expectAlive(started.guest)
    const denied = answerAtApp(await browser.follow(await browser.postForm(consent.action, DENY)))
    expect(denied.error).toBe('access_denied')
    await expectAlive(started.guest)
    await obtainGuestCode(app, started.guest.refreshToken, { browser })
    await expectAlive(started.guest)
  })

  it('but not past their own end, however long the page was left open', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const browser = app.browser()
    const started = await visit(browser, { client_id: 'hasty' })
    const page = pageOf(started.response, 'sign-in')
    vi.setSystemTime(Date.now() + 2 * HOUR * 1000)
    const answer = await browser.follow(await browser.postForm(page.action, signInStep()))
    const { code = '' } = answerAtApp(answer)
    const { body } = await redeem(app, { code, pkce: started.pkce, fields: started.fields })
    expect(body.guest_upgrade).toBe('none')
    expect(body.session_id).not.toBe(started.guest.sessionId)
  })
})

/** The request inside a pushed one: an unsigned JWT. */
function decodedRequest(payload: string): string {
  const { request } = JSON.parse(payload) as { request?: string }
  return request ? JSON.stringify(decodeJwt(request)) : ''
}

async function guestOfTheOtherTenant(): Promise<string> {
  const response = await app.server.inject({
    method: 'POST',
    url: '/other/token',
    headers: { host: new URL(ORIGIN).host, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ grant_type: GUEST_GRANT, client_id: 'catalog' }).toString(),
  })
  return response.json().refresh_token
}
