import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openStore } from '../store/open-store.ts'
import { createDpopKey } from '../test/dpop-key.ts'
import { basicAuth, postToEndpoint, refresh, startGuest, type TokenResponse } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aClient, aConfidentialClient, aConfig, aGuestClient, ORIGIN, SECRET } from '../test/test-config.ts'

const HOUR = 3600
const DAY = 24 * HOUR

const tenant = () => ({
  name: 'Demo Store',
  roles: ['Browser', 'Reader', 'Shopper'],
  session: { idle_ttl: DAY, absolute_ttl: 90 * DAY },
  clients: [
    aGuestClient(),
    aGuestClient({ client_id: 'other-shop' }),
    aGuestClient({
      client_id: 'short',
      absolute_ttl: 3 * HOUR,
      guest: { template_user: 'visitor', access_token_ttl: HOUR, refresh_token_ttl: 2 * HOUR },
    }),
    aGuestClient({ client_id: 'long', guest: { template_user: 'visitor', refresh_token_ttl: 60 * DAY } }),
    aClient({ client_id: 'plain' }),
    aConfidentialClient(),
  ],
  users: [{ username: 'visitor', guest_template: true, roles: ['Browser', 'Reader'] }],
})

const config = (secrets = SECRET) => aConfig({ file: { tenants: { demo: tenant(), other: tenant() } }, secrets })

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

let app: TestApp
beforeAll(async () => {
  app = await startTestApp({ config: config() })
})
afterAll(() => app.close())
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

const advance = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)

const claimsOf = ({ body }: TokenResponse) => decodeJwt(String(body.access_token))

describe('a guest who refreshes', () => {
  it('stays who they are, with a later end', async () => {
    const fields = { anonuserid: 'beacon-1', currency: 'EUR', site: 'north', language: 'sv-SE' }
    const guest = await startGuest(app, { fields })
    const first = decodeJwt(guest.accessToken)
    let token = guest.refreshToken
    for (let times = 0; times < 3; times++) {
      advance(DAY)
      const answer = await refresh(app, { token })
      expect(answer).toMatchObject({
        status: 200,
        headers: { 'cache-control': 'no-store' },
        body: {
          session_id: guest.sessionId,
          expires_in: 3600,
          refresh_token_expires_in: 30 * DAY,
          scope: 'Browser Reader',
        },
      })
      expect(answer.body).not.toHaveProperty('id_token')
      const { iat, exp, jti, ...rest } = claimsOf(answer)
      expect({ ...first, ...rest }).toEqual(first)
      expect(rest).toMatchObject(fields)
      expect(jti).not.toBe(first.jti)
      expect((exp ?? 0) - (iat ?? 0)).toBe(HOUR)
      token = answer.body.refresh_token ?? ''
    }
  })

  it('may do so in two tabs: a token that was used is as good as before', async () => {
    const { refreshToken, sessionId } = await startGuest(app)
    const answers = await Promise.all([1, 2, 3].map(() => refresh(app, { token: refreshToken })))
    expect(answers.map(({ body }) => body.session_id)).toEqual([sessionId, sessionId, sessionId])
  })
})

describe("a guest's end", () => {
  const short = (token: string) => refresh(app, { token, fields: { client_id: 'short' } })
  const start = () => startGuest(app, { fields: { client_id: 'short' } })

  it('comes when nothing was heard of them for too long', async () => {
    const { refreshToken } = await start()
    advance(2 * HOUR - 1)
    expect((await short(refreshToken)).status).toBe(200)
    advance(1)
    expect(await short(refreshToken)).toMatchObject(invalidGrant)
  })

  it('comes at the latest when their time is up, however often they come back', async () => {
    const { refreshToken } = await start()
    advance(1.5 * HOUR)
    const { body } = await short(refreshToken)
    expect(body.refresh_token_expires_in).toBe(1.5 * HOUR)
    advance(1.5 * HOUR)
    expect(await short(body.refresh_token ?? '')).toMatchObject(invalidGrant)
  })

  it('is also that of their access tokens', async () => {
    const { refreshToken } = await start()
    advance(1.5 * HOUR)
    const { body } = await short(refreshToken)
    advance(HOUR)
    const last = await short(body.refresh_token ?? '')
    expect(last.body.expires_in).toBe(0.5 * HOUR)
    const { iat, exp } = claimsOf(last)
    expect((exp ?? 0) - (iat ?? 0)).toBe(0.5 * HOUR)
  })

  it('may be 60 days away', async () => {
    const { refreshToken } = await startGuest(app, { fields: { client_id: 'long' } })
    advance(60 * DAY - 1)
    const { status, body } = await refresh(app, { token: refreshToken, fields: { client_id: 'long' } })
    expect(status).toBe(200)
    expect(body.refresh_token_expires_in).toBe(30 * DAY + 1)
  })
})

describe("a guest's key (RFC 9449)", () => {
  it('has to be shown at each refresh', async () => {
    const [key, stranger] = [await createDpopKey(), await createDpopKey()]
    const { refreshToken } = await startGuest(app, { key })
    expect(await refresh(app, { token: refreshToken })).toMatchObject(invalidGrant)
    expect(await refresh(app, { token: refreshToken, key: stranger })).toMatchObject(invalidGrant)
    const renewed = await refresh(app, { token: refreshToken, key })
    expect(renewed).toMatchObject({ status: 200, body: { token_type: 'DPoP' } })
    expect(claimsOf(renewed).cnf).toEqual({ jkt: key.thumbprint })
    expect(await refresh(app, { token: renewed.body.refresh_token ?? '', key: stranger })).toMatchObject(invalidGrant)
  })

  it('binds what it gets, also where it comes later', async () => {
    const key = await createDpopKey()
    const { refreshToken } = await startGuest(app)
    const bound = await refresh(app, { token: refreshToken, key })
    expect(bound.body.token_type).toBe('DPoP')
    expect(claimsOf(bound).cnf).toEqual({ jkt: key.thumbprint })
    expect(await refresh(app, { token: bound.body.refresh_token ?? '' })).toMatchObject(invalidGrant)
  })
})

describe('scope at refresh (RFC 6749 section 6)', () => {
  const asking = (token: string, scope: string) => refresh(app, { token, fields: { scope } })

  it('may be narrower, for that access token only', async () => {
    const { refreshToken } = await startGuest(app)
    const narrow = await asking(refreshToken, 'Reader')
    expect(narrow.body.scope).toBe('Reader')
    expect(claimsOf(narrow)).toMatchObject({ roles: ['Reader'], scope: 'Reader' })
    expect((await refresh(app, { token: narrow.body.refresh_token ?? '' })).body.scope).toBe('Browser Reader')
  })

  it.each(['Browser', 'Browser Reader', 'Reader Shopper', 'Reader Owner', 'Reader portico:admin'])(
    'is never wider than at the start: %s',
    async (wider) => {
      const { refreshToken } = await startGuest(app, { fields: { scope: 'Reader' } })
      expect(await asking(refreshToken, wider)).toMatchObject({ status: 400, body: { error: 'invalid_scope' } })
    },
  )

  it('is not widened by asking for what is no role', async () => {
    const { refreshToken } = await startGuest(app, { fields: { scope: 'Reader' } })
    for (const scope of ['', 'openid', 'profile offline_access']) {
      expect(claimsOf(await asking(refreshToken, scope)).roles).toEqual(['Reader'])
    }
  })

  it('follows the template within a second: a role it lost is lost, and no other comes in its place', async () => {
    const setRoles = (roles: string[]) =>
      app.store.db
        .updateTable('users')
        .set({ roles: JSON.stringify(roles) })
        .where('tenant', '=', 'demo')
        .execute()
    const all = await startGuest(app)
    const reader = await startGuest(app, { fields: { scope: 'Reader' } })
    await setRoles(['Browser', 'Shopper'])
    advance(1)
    const renewed = await Promise.all([all, reader].map(({ refreshToken }) => refresh(app, { token: refreshToken })))
    await setRoles(['Browser', 'Reader'])
    advance(1)
    expect(renewed.map((answer) => claimsOf(answer).roles)).toEqual([['Browser', 'Shopper'], []])
  })
})

describe("a guest's refresh token is refused", () => {
  it('at another client', async () => {
    const { refreshToken } = await startGuest(app)
    for (const client_id of ['other-shop', 'plain']) {
      expect(await refresh(app, { token: refreshToken, fields: { client_id } })).toMatchObject(invalidGrant)
    }
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken }
    expect(await postToEndpoint(app, 'token', form, { headers: basicAuth() })).toMatchObject(invalidGrant)
  })

  it('in another tenant', async () => {
    const { refreshToken } = await startGuest(app)
    const response = await app.server.inject({
      method: 'POST',
      url: '/other/token',
      headers: { host: new URL(ORIGIN).host, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: 'catalog',
        refresh_token: refreshToken,
      }).toString(),
    })
    expect({ status: response.statusCode, body: response.json() }).toMatchObject(invalidGrant)
  })

  it('when anything in it was changed', async () => {
    const { refreshToken } = await startGuest(app)
    const [version = '', key = '', sealed = ''] = refreshToken.split('.')
    const flip = (text: string, at: number) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
    const changed = [
      ...[0, 20, 100, sealed.length - 20].map((at) => `${version}.${key}.${flip(sealed, at)}`),
      `${version}.${key}.${sealed.slice(0, -4)}`,
      `${version}.00000000.${sealed}`,
      `v2.${key}.${sealed}`,
      `${refreshToken}.${sealed}`,
      `${version}.${key}.`,
      '.',
      '..',
    ]
    for (const token of changed) expect(await refresh(app, { token })).toMatchObject(invalidGrant)
    expect((await refresh(app, { token: refreshToken })).status).toBe(200)
  })

  it('when it is an access token', async () => {
    const { accessToken } = await startGuest(app)
    expect(await refresh(app, { token: accessToken })).toMatchObject(invalidGrant)
  })

  it('when a secret comes with it', async () => {
    const { refreshToken } = await startGuest(app)
    const answer = await refresh(app, { token: refreshToken, fields: { client_secret: 'x' } })
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })
})

it('a guest survives a change of PORTICO_SECRET, as long as the old one is named', async () => {
  const store = await openStore('sqlite::memory:')
  const fresh = 'another secret for tests that is long enough'
  const before = await startTestApp({ store, config: config() })
  const { refreshToken, sessionId } = await startGuest(before)
  await before.close()
  const during = await startTestApp({ store, config: config(`${fresh},${SECRET}`) })
  const renewed = await refresh(during, { token: refreshToken })
  expect(renewed).toMatchObject({ status: 200, body: { session_id: sessionId } })
  await during.close()
  const after = await startTestApp({ store, config: config(fresh) })
  expect((await refresh(after, { token: renewed.body.refresh_token ?? '' })).body.session_id).toBe(sessionId)
  expect(await refresh(after, { token: refreshToken })).toMatchObject(invalidGrant)
  await after.close()
  await store.close()
})
