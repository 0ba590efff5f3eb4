import { setTimeout as sleep } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAudit } from '../audit/audit.ts'
import type { Store } from '../store/store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import {
  aPkce,
  basicAuth,
  obtainCode,
  postToEndpoint,
  redeem,
  refresh,
  signedIn,
  type TokenResponse,
} from '../test/flows.ts'
import { type PausePoint, type PausingStore, pausing } from '../test/pausing-store.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { aClient, aConfidentialClient, aConfig, BEN, ISSUER } from '../test/test-config.ts'
import { userinfo } from '../test/userinfo.ts'
import { disablePerson } from '../users/disable-person.ts'
import { withdrawClientConsent } from '../users/withdraw-consent.ts'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

interface Tokens {
  accessToken: string
  refreshToken: string
  /** Where they aren't the catalog's. */
  clientId?: string
}

interface Login extends Tokens {
  browser: TestBrowser
  idToken: string
  userId: string
}

async function aLogin(app: TestApp, options: Parameters<typeof signedIn>[1] = {}): Promise<Login> {
  const login = await signedIn(app, options)
  return { ...login, userId: decodeJwt(login.accessToken).sub ?? '' }
}

const signOut = ({ browser, idToken }: Login) => browser.open(`${ISSUER}/logout?id_token_hint=${idToken}`)

const revoke = (app: TestApp, token: string) => postToEndpoint(app, 'revoke', { token, client_id: 'catalog' })

/** The ways a login ends from outside, each by itself the whole of what somebody does. */
const ways = {
  'signing out': (_app: TestApp, login: Login) => signOut(login),
  'signing out everywhere': (_app: TestApp, { browser, idToken }: Login) =>
    browser.open(`${ISSUER}/logout?id_token_hint=${idToken}&logout_scope=everywhere`),
  revocation: (app: TestApp, login: Login) => revoke(app, login.refreshToken),
  'a withdrawn consent': ({ store }: TestApp, { userId }: Login) =>
    withdrawClientConsent(operations(store), { tenant: 'demo', userId, clientId: 'catalog' }, Date.now()),
  'a disabled account': ({ store }: TestApp, { userId }: Login) =>
    disablePerson(operations(store), { tenant: 'demo', userId }, Date.now()),
} satisfies Record<string, (app: TestApp, login: Login) => Promise<unknown>>
type Way = keyof typeof ways
/** A code has no login of its own yet that could be revoked. */
const waysToEndACode = (Object.keys(ways) as Way[]).filter((way) => way !== 'revocation')

function operations(store: Store) {
  return { store, audit: createAudit(store, { info: () => {} }) }
}

/** As an operator would: nothing that ended comes back with it. */
async function letIn(app: TestApp): Promise<void> {
  await app.store.db.updateTable('users').set({ disabled_at: null }).execute()
}

async function introspect(app: TestApp, token: string): Promise<unknown> {
  return (await postToEndpoint(app, 'introspect', { token }, { headers: basicAuth() })).body.active
}

const renew = (app: TestApp, { refreshToken, clientId = 'catalog' }: Tokens) =>
  refresh(app, { token: refreshToken, fields: { client_id: clientId } })

async function expectOver(app: TestApp, tokens: Tokens): Promise<void> {
  const { accessToken } = tokens
  expect(await renew(app, tokens)).toMatchObject(invalidGrant)
  expect((await userinfo(app, accessToken)).status).toBe(401)
  expect(await introspect(app, accessToken)).toBe(false)
}

/** Whatever a request that raced with the end was answered. */
async function expectNothingLives(app: TestApp, { status, body }: TokenResponse): Promise<void> {
  const { access_token: accessToken = '', refresh_token: refreshToken = '' } = body
  if (status === 200) await expectOver(app, { accessToken, refreshToken })
  else expect({ status, body }).toMatchObject(invalidGrant)
}

const OTHER = { client_id: 'other', redirect_uri: 'http://localhost:3004/callback' }

function twoShops() {
  const other = aClient({ client_id: 'other', client_name: 'Other', redirect_uris: [OTHER.redirect_uri] })
  return aConfig({ tenant: { clients: [aClient(), other, aConfidentialClient()] } })
}

async function loginAtOther(app: TestApp, browser: TestBrowser): Promise<Tokens> {
  const pkce = aPkce()
  const code = await obtainCode(browser, pkce, { overrides: OTHER })
  const { body } = await redeem(app, { code, pkce, fields: OTHER })
  const { access_token: accessToken = '', refresh_token: refreshToken = '' } = body
  return { accessToken, refreshToken, clientId: OTHER.client_id }
}

describe('what ends', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp({ config: twoShops() })
  })
  afterAll(() => app.close())

  /** One person: two apps and a second login in one browser, one more on another device; and somebody else. */
  async function aHousehold() {
    const login = await aLogin(app)
    const { browser } = login
    return {
      login,
      sameBrowser: await aLogin(app, { browser }),
      atOther: await loginAtOther(app, browser),
      otherDevice: await aLogin(app),
      somebodyElse: await aLogin(app, { person: BEN }),
    }
  }

  it.each<[Way, (keyof Awaited<ReturnType<typeof aHousehold>>)[]]>([
    ['signing out', ['login', 'sameBrowser', 'atOther']],
    ['signing out everywhere', ['login', 'sameBrowser', 'atOther', 'otherDevice']],
    ['revocation', ['login']],
    ['a withdrawn consent', ['login', 'sameBrowser', 'otherDevice']],
    ['a disabled account', ['login', 'sameBrowser', 'atOther', 'otherDevice']],
  ])('with %s: %s, and nothing else', async (way, over) => {
    const household = await aHousehold()
    await ways[way](app, household.login)
    await letIn(app)
    for (const [name, login] of Object.entries(household)) {
      if (over.some((one) => one === name)) await expectOver(app, login)
      else expect((await renew(app, login)).status).toBe(200)
    }
  })

  it('with the revocation of a token that was refreshed since: its login, although the token is spent', async () => {
    const login = await aLogin(app)
    const { body } = await refresh(app, { token: login.refreshToken })
    expect((await revoke(app, login.refreshToken)).status).toBe(200)
    await expectOver(app, login)
    await expectOver(app, { accessToken: body.access_token ?? '', refreshToken: body.refresh_token ?? '' })
  })

  it('is told to the audit, with the number of logins', async () => {
    const login = await aLogin(app)
    await ways['a withdrawn consent'](app, login)
    await ways['a disabled account'](app, await aLogin(app))
    await letIn(app)
    const entries = await app.store.db.selectFrom('audit').selectAll().orderBy('at').execute()
    const told = (event: string) => entries.findLast((entry) => entry.event === event)
    expect(told('consent.withdrawn')).toMatchObject({ user_id: login.userId, client_id: 'catalog' })
    expect(told('user.disabled')).toMatchObject({ user_id: login.userId, detail: expect.stringMatching(/"logins":\d/) })
  })

  it('does not with a refresh token of another tenant', async () => {
    const neighbour = aConfig().tenants.demo
    const config = twoShops()
    const both = await startTestApp({
      config: { ...config, tenants: { ...config.tenants, ...(neighbour && { neighbour }) } },
    })
    const login = await aLogin(both)
    const form = { grant_type: 'refresh_token', client_id: 'catalog', refresh_token: login.refreshToken }
    const atNeighbour = (path: string, fields: Record<string, string>) =>
      both.server.inject({
        method: 'POST',
        url: `/neighbour/${path}`,
        headers: { host: new URL(ISSUER).host, 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams(fields).toString(),
      })
    const refused = await atNeighbour('token', form)
    expect({ status: refused.statusCode, body: refused.json() }).toMatchObject(invalidGrant)
    for (const token of [login.refreshToken, login.accessToken]) {
      expect((await atNeighbour('revoke', { token, client_id: 'catalog' })).statusCode).toBe(200)
    }
    expect((await renew(both, login)).status).toBe(200)
    await both.close()
  })
})

describe('a code of before', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp({ config: twoShops() })
  })
  afterAll(() => app.close())

  it.each(waysToEndACode)('%s buys nothing', async (way) => {
    const login = await aLogin(app)
    const pkce = aPkce()
    const code = await obtainCode(login.browser, pkce)
    await ways[way](app, login)
    const answer = await redeem(app, { code, pkce })
    await letIn(app)
    expect(answer).toMatchObject(invalidGrant)
  })

  it('a withdrawn consent buys nothing, also when less was allowed since', async () => {
    const login = await aLogin(app)
    const pkce = aPkce()
    const code = await obtainCode(login.browser, pkce, { overrides: { scope: 'openid profile email' } })
    await ways['a withdrawn consent'](app, login)
    await obtainCode(login.browser, aPkce(), { overrides: { scope: 'openid' } })
    expect(await redeem(app, { code, pkce })).toMatchObject(invalidGrant)
  })
})

describe('a race', () => {
  describeStores((openTestStore) => {
    let app: TestApp
    let neighbour: TestApp
    let store: PausingStore
    let otherStore: PausingStore
    beforeAll(async () => {
      store = pausing(await openTestStore())
      otherStore = pausing(await openTestStore())
      app = await startTestApp({ store, config: twoShops() })
      neighbour = await startTestApp({ store: otherStore, config: twoShops() })
    })
    afterAll(() => Promise.all([app.close(), neighbour.close()]))

    const points: PausePoint[] = ['before it begins', 'before it commits']
    const cases = (kinds: Way[]) => kinds.flatMap((way) => points.map((point) => [way, point] as const))

    /** Holds one request up at a point, lets the other run or wait for it, and goes on. */
    async function inBetween<A, B>(
      held: PausingStore,
      point: PausePoint,
      { first, second }: { first: () => Promise<A>; second: () => Promise<B> },
    ): Promise<[A, B]> {
      const pause = held.pauseNext(point)
      const one = first()
      await pause.reached
      const other = second()
      await Promise.race([other, sleep(60)])
      pause.release()
      return Promise.all([one, other])
    }

    const endElsewhere = (way: Way, login: Login): Promise<unknown> => ways[way](neighbour, login)

    it.each(cases(Object.keys(ways) as Way[]))(
      'between a refresh and %s, the refresh held up %s, leaves no live login',
      async (way, point) => {
        const login = await aLogin(app, { browser: neighbour.browser() })
        const [answer] = await inBetween(store, point, {
          first: () => renew(app, login),
          second: () => endElsewhere(way, login),
        })
        await letIn(app)
        await expectOver(neighbour, login)
        await expectNothingLives(app, answer)
      },
    )

    // A revocation is one statement: there is nothing to hold up.
    it.each(waysToEndACode)('between %s and a refresh, the end held up, leaves no live login', async (way) => {
      const login = await aLogin(app, { browser: neighbour.browser() })
      const [, answer] = await inBetween(otherStore, 'before it commits', {
        first: () => endElsewhere(way, login),
        second: () => renew(app, login),
      })
      await letIn(app)
      await expectOver(neighbour, login)
      await expectNothingLives(app, answer)
    })

    it.each(cases(waysToEndACode))(
      'between a redemption and %s, the redemption held up %s, leaves no live login',
      async (way, point) => {
        const login = await aLogin(app, { browser: neighbour.browser() })
        const pkce = aPkce()
        const code = await obtainCode(login.browser, pkce)
        const [answer] = await inBetween(store, point, {
          first: () => redeem(app, { code, pkce }),
          second: () => endElsewhere(way, login),
        })
        await letIn(app)
        await expectNothingLives(neighbour, answer)
      },
    )

    it.each(waysToEndACode)('between %s and a redemption, the end held up, leaves no live login', async (way) => {
      const login = await aLogin(app, { browser: neighbour.browser() })
      const pkce = aPkce()
      const code = await obtainCode(login.browser, pkce)
      const [, answer] = await inBetween(otherStore, 'before it commits', {
        first: () => endElsewhere(way, login),
        second: () => redeem(app, { code, pkce }),
      })
      await letIn(app)
      await expectNothingLives(neighbour, answer)
    })
  })
})
