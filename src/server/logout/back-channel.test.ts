import { randomUUID } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createAudit } from '../audit/audit.ts'
import { answer, type Received, silence, startReceiver, type TestReceiver, until } from '../events/test/receiver.ts'
import type { Store } from '../store/store.ts'
import { sweepExpired } from '../store/sweep.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import {
  aPkce,
  authorizeUrl,
  basicAuth,
  completeSignIn,
  obtainCode,
  postToEndpoint,
  redeem,
  refresh,
  signedIn,
} from '../test/flows.ts'
import { ALLOW, pageOf, signInStep, visitConsent } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { ADA, aClient, aConfidentialClient, aConfig, anImplicitClient, BEN, ISSUER } from '../test/test-config.ts'
import { disablePerson } from '../users/disable-person.ts'
import { withdrawClientConsent } from '../users/withdraw-consent.ts'

const AT_ORDERS = { client_id: 'orders', redirect_uri: 'http://localhost:3002/callback' }
const AT_PLAIN = { client_id: 'plain', redirect_uri: 'http://localhost:3005/callback' }
const PLAIN_SECRET = 'plain-secret-0123456789abcdef'

let app: TestApp
let receiver: TestReceiver

/** The shop, which nobody can call, and two servers that can be: one with refresh tokens, one without. */
async function startShops(store?: Store): Promise<void> {
  receiver = await startReceiver()
  const told = { backchannel_logout_uri: receiver.webhook.url }
  const plain = aConfidentialClient({
    ...told,
    client_id: 'plain',
    client_secret: PLAIN_SECRET,
    grant_types: ['authorization_code'],
    redirect_uris: [AT_PLAIN.redirect_uri],
    id_token_signed_response_alg: 'RS256',
  })
  const orders = aConfidentialClient({ ...told, grant_types: ['authorization_code', 'refresh_token', 'password'] })
  const page = anImplicitClient({ ...told, client_id: 'page', response_types: ['id_token'] })
  const clients = [aClient(), orders, plain, page]
  app = await startTestApp({ config: aConfig({ tenant: { clients } }), ...(store && { store }) })
}

async function stopShops(): Promise<void> {
  await app.close()
  await receiver.close()
}

interface Login {
  browser: TestBrowser
  sub: string
  sid: string
  idToken: string
  refreshToken: string
}

async function loginAt(
  at: typeof AT_ORDERS,
  { browser = app.browser(), person, scope }: { browser?: TestBrowser; person?: typeof BEN; scope?: string } = {},
): Promise<Login> {
  const pkce = aPkce()
  const overrides = { ...at, ...(scope && { scope, prompt: 'consent' }) }
  const code = await obtainCode(browser, pkce, { overrides, ...(person && { person }) })
  const { body } = await redeem(app, { code, pkce, fields: { ...at, ...secretOf(at) } })
  const { sub = '', sid } = decodeJwt(body.id_token ?? '')
  return { browser, sub, sid: String(sid), idToken: body.id_token ?? '', refreshToken: body.refresh_token ?? '' }
}

function secretOf({ client_id }: { client_id: string }): Record<string, string> {
  return { client_secret: client_id === 'plain' ? PLAIN_SECRET : 'orders-secret-0123456789abcdef' }
}

const signOut = (browser: TestBrowser, idToken: string, more: Record<string, string> = {}) =>
  browser.open(`${ISSUER}/logout?${new URLSearchParams({ id_token_hint: idToken, ...more })}`)

const tokenIn = ({ body }: Received) => new URLSearchParams(body).get('logout_token') ?? ''
const sidsTold = () => receiver.received.map((received) => String(decodeJwt(tokenIn(received)).sid))

/** Waits for these logins to be told, and that nothing else is. */
async function expectTold(...logins: Login[]): Promise<void> {
  const expected = logins.map(({ sid }) => sid).toSorted()
  await until(async () => receiver.received.length >= expected.length && (await isNothingLeft()))
  expect(sidsTold().toSorted()).toEqual(expected)
}

async function isNothingLeft(): Promise<boolean> {
  const left = await app.store.db.selectFrom('outbox').select('id').where('delivered_at', 'is', null).execute()
  return left.length === 0
}

async function expectNobodyTold(): Promise<void> {
  expect(await isNothingLeft()).toBe(true)
  expect(receiver.received).toEqual([])
}

function operations() {
  return { store: app.store, audit: createAudit(app.store, { info: () => {} }) }
}

afterEach(() => {
  receiver.received.length = 0
  receiver.respond = answer(200)
})

describeStores((openTestStore) => {
  beforeAll(async () => startShops(await openTestStore()))
  afterAll(stopShops)
  afterEach(async () => {
    // Each test begins as if nobody had ever been here.
    await app.store.db.updateTable('users').set({ disabled_at: null }).execute()
    await app.store.db.deleteFrom('logout_listeners').execute()
    await app.store.db.deleteFrom('consents').execute()
  })

  describe('signing out', () => {
    test('is told to every app of the browser, within a second, and to none of another', async () => {
      const { browser, idToken } = await signedIn(app)
      const [orders, plain] = [await loginAt(AT_ORDERS, { browser }), await loginAt(AT_PLAIN, { browser })]
      await loginAt(AT_ORDERS)
      const startedAt = Date.now()
      await signOut(browser, idToken)
      await expectTold(orders, plain)
      expect(Date.now() - startedAt).toBeLessThan(1_000)
    })

    test('is told of each login an app had here: two names of one app have a session each', async () => {
      const { browser, idToken } = await signedIn(app)
      const logins = [await loginAt(AT_ORDERS, { browser }), await loginAt(AT_ORDERS, { browser })]
      await signOut(browser, idToken)
      await expectTold(...logins)
    })

    test('is told to an app without refresh tokens, hours after its last token ended', async () => {
      const plain = await loginAt(AT_PLAIN)
      await sweepExpired(app.store, Date.now() + 3_600_000)
      expect(await app.store.db.selectFrom('families').select('id').where('id', '=', plain.sid).execute()).toEqual([])
      await signOut(plain.browser, plain.idToken)
      await expectTold(plain)
    })

    test('is told to an app that got an ID token and nothing else', async () => {
      const browser = app.browser()
      const asked = { client_id: 'page', redirect_uri: 'https://legacy.test/', response_type: 'id_token' }
      const url = authorizeUrl(aPkce(), { ...asked, code_challenge: null, code_challenge_method: null })
      const answered = await completeSignIn(browser, await browser.get(url))
      const idToken = new URLSearchParams(answered.location?.hash.slice(1)).get('id_token') ?? ''
      await signOut(browser, idToken)
      await until(() => receiver.received.length === 1)
      expect(sidsTold()).toEqual([decodeJwt(idToken).sid])
    })

    test('is told to an app that may stay offline: its session here ends, its tokens go on', async () => {
      const offline = await loginAt(AT_ORDERS, { scope: 'openid offline_access' })
      await signOut(offline.browser, offline.idToken)
      await expectTold(offline)
      const fields = { ...AT_ORDERS, ...secretOf(AT_ORDERS) }
      expect(await refresh(app, { token: offline.refreshToken, fields })).toMatchObject({ status: 200 })
    })

    test('is told once, however often it is asked for', async () => {
      const login = await loginAt(AT_ORDERS)
      await Promise.all([signOut(login.browser, login.idToken), signOut(login.browser, login.idToken)])
      await signOut(login.browser, login.idToken)
      await expectTold(login)
    })

    test('by an answer on the portal’s page is told as well, and staying is not', async () => {
      const login = await loginAt(AT_ORDERS)
      const question = pageOf(await login.browser.open(`${ISSUER}/logout`), 'sign-out')
      await login.browser.postForm(question.action, question.fields)
      await expectNobodyTold()
      const again = pageOf(await login.browser.open(`${ISSUER}/logout`), 'sign-out')
      await login.browser.postForm(again.action, { ...again.fields, logout: 'browser' })
      await expectTold(login)
    })

    test('is not told of a sign-in that was given up before there was an answer', async () => {
      const { browser, idToken } = await signedIn(app)
      await browser.open(authorizeUrl(aPkce(), { ...AT_ORDERS, prompt: 'login' }))
      await signOut(browser, idToken)
      await expectNobodyTold()
    })
  })

  describe('somebody else signing in', () => {
    test('ends the first person’s logins at their apps too', async () => {
      const ada = await loginAt(AT_ORDERS)
      await completeSignIn(ada.browser, await ada.browser.open(authorizeUrl(aPkce(), { prompt: 'login' })), BEN)
      await expectTold(ada)
    })

    test('after “Not you?” does the same; giving up there leaves the first person as they were', async () => {
      const { browser, state } = await visitConsent(app)
      const orders = await loginAt(AT_ORDERS, { browser })
      const signIn = pageOf(
        await browser.follow(await browser.postForm(state.action, { step: 'switch-account' })),
        'sign-in',
      )
      await expectNobodyTold()
      expect((await browser.open(authorizeUrl(aPkce(), { ...AT_ORDERS, prompt: 'none' }))).location?.search).toMatch(
        /code=/,
      )
      const consent = await browser.follow(await browser.postForm(signIn.action, signInStep(BEN)))
      pageOf(consent, 'consent')
      await until(() => sidsTold().includes(orders.sid))
    })
  })

  describe('every other end that somebody causes is told', () => {
    test('a disabled account, on all devices', async () => {
      const [here, there] = [await loginAt(AT_ORDERS), await loginAt(AT_PLAIN)]
      await disablePerson(operations(), { tenant: 'demo', userId: here.sub }, Date.now())
      await expectTold(here, there)
    })

    test('a withdrawn consent, to that app alone', async () => {
      const login = await loginAt(AT_ORDERS)
      await loginAt(AT_PLAIN, { browser: login.browser })
      const withdrawal = { tenant: 'demo', userId: login.sub, clientId: 'orders' }
      await withdrawClientConsent(operations(), withdrawal, Date.now())
      await expectTold(login)
    })

    test('signing out everywhere, on all devices', async () => {
      const [here, there] = [await loginAt(AT_ORDERS), await loginAt(AT_PLAIN)]
      const bens = await loginAt(AT_ORDERS, { person: BEN })
      await signOut(here.browser, here.idToken, { logout_scope: 'everywhere' })
      await expectTold(here, there)
      expect(sidsTold()).not.toContain(bens.sid)
    })

    test('a login without a browser, when its person signs out everywhere', async () => {
      const form = { grant_type: 'password', scope: 'openid', ...ADA, ...AT_ORDERS, ...secretOf(AT_ORDERS) }
      const { body } = await postToEndpoint(app, 'token', form)
      const { browser, idToken } = await signedIn(app)
      await signOut(browser, idToken, { logout_scope: 'everywhere' })
      await until(() => receiver.received.length === 1)
      expect(sidsTold()).toEqual([decodeJwt(body.access_token ?? '').sid])
    })

    test('a refresh token that somebody else has used too', async () => {
      const login = await loginAt(AT_ORDERS)
      const fields = { ...AT_ORDERS, ...secretOf(AT_ORDERS) }
      const { body } = await refresh(app, { token: login.refreshToken, fields })
      await refresh(app, { token: body.refresh_token ?? '', fields })
      await app.store.db
        .updateTable('refresh_tokens')
        .set((eb) => ({ consumed_at: eb('consumed_at', '-', 120_000) }))
        .where('consumed_at', 'is not', null)
        .execute()
      expect(await refresh(app, { token: login.refreshToken, fields })).toMatchObject({ status: 400 })
      await expectTold(login)
    })

    test('a code that comes twice, from somebody who could not have it', async () => {
      const browser = app.browser()
      const pkce = aPkce()
      const code = await obtainCode(browser, pkce, { overrides: AT_ORDERS })
      const fields = { ...AT_ORDERS, ...secretOf(AT_ORDERS) }
      const { body } = await redeem(app, { code, pkce, fields })
      await redeem(app, { code, pkce: aPkce(), fields })
      await until(() => receiver.received.length === 1)
      expect(sidsTold()).toEqual([decodeJwt(body.id_token ?? '').sid])
    })
  })

  describe('nobody is told', () => {
    test('what an app did itself by revoking its token, then or when the session ends', async () => {
      const login = await loginAt(AT_ORDERS)
      await postToEndpoint(app, 'revoke', { token: login.refreshToken }, { headers: basicAuth() })
      await signOut(login.browser, login.idToken)
      await expectNobodyTold()
    })

    test('that an app without an address for it has lost a login', async () => {
      const { browser, idToken } = await signedIn(app)
      await signOut(browser, idToken)
      await expectNobodyTold()
    })
  })

  test('a server that stops right after the sign-out leaves the notice to the next one', async () => {
    const login = await loginAt(AT_ORDERS)
    receiver.respond = silence
    await signOut(login.browser, login.idToken)
    await until(() => receiver.received.length === 1)
    const { store, config } = app
    await app.server.close()
    receiver.respond = answer(200)
    app = await startTestApp({ config, store })
    await until(isNothingLeft)
    expect(sidsTold()).toEqual([login.sid, login.sid])
  })
})

describe('a logout token', () => {
  beforeAll(() => startShops())
  afterAll(stopShops)

  const keySet = async () => {
    const { body } = await app.server.inject({ url: '/demo/jwks', headers: { host: 'localhost:3000' } })
    return createLocalJWKSet(JSON.parse(body) as JSONWebKeySet)
  }

  test('says what section 2.4 wants, signed like the client’s ID tokens, and comes as a form', async () => {
    for (const [at, alg] of [
      [AT_ORDERS, 'ES256'],
      [AT_PLAIN, 'RS256'],
    ] as const) {
      receiver.received.length = 0
      const login = await loginAt(at)
      await signOut(login.browser, login.idToken)
      await until(() => receiver.received.length === 1)
      const [received] = receiver.received
      expect(received).toMatchObject({ method: 'POST' })
      expect(received?.headers['content-type']).toBe('application/x-www-form-urlencoded')
      expect([...new URLSearchParams(received?.body).keys()]).toEqual(['logout_token'])
      const options = { issuer: ISSUER, audience: at.client_id, typ: 'logout+jwt', algorithms: [alg] }
      const { payload } = await jwtVerify(tokenIn(received as Received), await keySet(), options)
      expect(payload).toEqual({
        iss: ISSUER,
        aud: at.client_id,
        iat: expect.any(Number),
        exp: (payload.iat ?? 0) + 120,
        jti: expect.stringMatching(/^[\w-]{36}$/),
        sub: login.sub,
        sid: login.sid,
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      })
    }
  })

  test('is signed anew for each attempt, so that a late one is neither too old nor a replay', async () => {
    receiver.respond = answer(503)
    const login = await loginAt(AT_ORDERS)
    await signOut(login.browser, login.idToken)
    await until(() => receiver.received.length === 2)
    receiver.respond = answer(204)
    await until(isNothingLeft)
    const tokens = receiver.received.map((received) => decodeJwt(tokenIn(received)))
    expect(new Set(tokens.map(({ jti }) => jti)).size).toBe(3)
    expect(tokens[2]?.iat).toBeGreaterThan(tokens[0]?.iat ?? Number.POSITIVE_INFINITY)
    expect(new Set(tokens.map(({ sid }) => sid))).toEqual(new Set([login.sid]))
  })

  test('that nobody takes keeps the person waiting for nothing', async () => {
    receiver.respond = silence
    const login = await loginAt(AT_ORDERS)
    const startedAt = Date.now()
    pageOf(await signOut(login.browser, login.idToken), 'signed-out')
    expect(Date.now() - startedAt).toBeLessThan(1_000)
  })

  test('of an app that is not configured any more goes nowhere, in the log by its name', async () => {
    const row = { id: randomUUID(), tenant: 'demo', event_id: 'evt_1', receiver: 'client:gone', type: 'logout' }
    const waiting = { attempts: 0, refusals: 0, claimed_until: null, delivered_at: null, last_error: null }
    const store = app.store
    await store.db
      .insertInto('outbox')
      .values({ ...row, ...waiting, body: '{}', created_at: Date.now(), next_attempt_at: 0 })
      .execute()
    const next = await startTestApp({ config: app.config, store })
    await until(() => next.log.some((line) => line.includes('"receiver":"client:gone"')))
    await next.server.close()
    await store.db.deleteFrom('outbox').execute()
  })

  test('is nothing the metadata keeps quiet about', async () => {
    const { body } = await app.server.inject({
      url: '/demo/.well-known/openid-configuration',
      headers: { host: 'localhost:3000' },
    })
    expect(JSON.parse(body)).toMatchObject({
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    })
  })

  test('is not needed by who allows and stays', async () => {
    const { browser, state } = await visitConsent(app)
    await browser.follow(await browser.postForm(state.action, ALLOW))
    await expectNobodyTold()
  })
})
