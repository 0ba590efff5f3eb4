import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createAudit } from '../../audit/audit.ts'
import { listLiveFamilies } from '../../store/families.ts'
import { describeStores } from '../../store/test/open-test-stores.ts'
import { createDpopKey, type DpopKey } from '../../test/dpop-key.ts'
import { basicAuth, postToEndpoint, startGuest, type TokenResponse } from '../../test/flows.ts'
import { type PausingStore, pausing } from '../../test/pausing-store.ts'
import { signInStep, visitSignIn } from '../../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { ADA, aConfidentialClient, aConfig, aGuestClient, BEN } from '../../test/test-config.ts'
import { userinfo } from '../../test/userinfo.ts'
import { disablePerson } from '../../users/disable-person.ts'

const ENDED_SECRET = 'ended-secret-0123456789abcdef'
const ENDS_AT = '2027-01-01T00:00:00Z'
const withPassword = ['password', 'refresh_token']

/** A mobile app, old enough to ask for passwords itself; its visitors are guests first. */
function aMobileApp(overrides: Record<string, unknown> = {}) {
  return aGuestClient({
    client_id: 'mobile',
    grant_types: [...withPassword, 'urn:portico:grant-type:guest'],
    redirect_uris: [],
    ...overrides,
  })
}

const config = aConfig({
  tenant: {
    clients: [
      aGuestClient(),
      aConfidentialClient(),
      aMobileApp(),
      aMobileApp({ client_id: 'no-refresh', refresh_token_ttl: 0 }),
      aMobileApp({ client_id: 'fixed', refresh_token_rotation: 'fixed' }),
      aMobileApp({ client_id: 'staff', min_roles: ['MeAdmin'] }),
      aMobileApp({ client_id: 'shop', max_roles: ['Shopper'] }),
      aConfidentialClient({
        client_id: 'elevated',
        grant_types: withPassword,
        redirect_uris: [],
        client_secrets: [{ value: ENDED_SECRET, expires_at: ENDS_AT }],
      }),
    ],
  },
})

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

describeStores((openTestStore) => {
  let app: TestApp
  let store: PausingStore
  beforeAll(async () => {
    store = pausing(await openTestStore())
    app = await startTestApp({ store, config })
  })
  afterAll(() => app.close())
  afterEach(async () => {
    vi.useRealTimers()
    await app.store.db.deleteFrom('throttles').execute()
  })

  type Options = { key?: DpopKey; headers?: Record<string, string> }
  const signIn = (fields: Record<string, string> = {}, options: Options = {}) =>
    postToEndpoint(app, 'token', { grant_type: 'password', client_id: 'mobile', ...ADA, ...fields }, options)
  const refresh = (token: unknown, fields: Record<string, string> = {}, options: Options = {}) =>
    postToEndpoint(
      app,
      'token',
      { grant_type: 'refresh_token', client_id: 'mobile', refresh_token: String(token), ...fields },
      options,
    )
  const claimsOf = ({ body }: TokenResponse) => decodeJwt(body.access_token ?? '')
  const auditRows = (event: string) => app.store.db.selectFrom('audit').selectAll().where('event', '=', event).execute()

  describe('a person who gives an app their password (RFC 6749 section 4.3)', () => {
    it('is signed in, with everything the answer of a grant has', async () => {
      const answer = await signIn()
      expect(answer).toMatchObject({
        status: 200,
        body: {
          token_type: 'Bearer',
          expires_in: 600,
          scope: 'profile',
          session_id: expect.any(String),
          access_token_expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          refresh_token: expect.any(String),
          refresh_token_expires_in: expect.any(Number),
          refresh_token_expires_at: expect.stringMatching(/Z$/),
        },
      })
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(claimsOf(answer)).toMatchObject({
        client_id: 'mobile',
        roles: ['Shopper'],
        sid: expect.any(String),
        session_id: answer.body.session_id,
      })
    })

    it('gets an ID token when the app asks for one, which says how they proved who they are', async () => {
      expect((await signIn()).body).not.toHaveProperty('id_token')
      const { body } = await signIn({ scope: 'openid profile' })
      expect(decodeJwt(body.id_token ?? '')).toMatchObject({
        name: 'Ada Okafor',
        amr: ['pwd'],
        auth_time: expect.any(Number),
        sid: decodeJwt(body.access_token ?? '').sid,
      })
      expect(await userinfo(app, body.access_token ?? '')).toMatchObject({ status: 200, body: { name: 'Ada Okafor' } })
    })

    it('may type their address, and their name however they like', async () => {
      for (const username of ['ADA@demo.test', '  Ada '])
        expect(claimsOf(await signIn({ username })).sub).toBe(claimsOf(await signIn()).sub)
    })

    it('has no session on the portal, and a login of their own each time', async () => {
      const [first, second] = [await signIn(), await signIn()]
      const rows = await app.store.db.selectFrom('families').selectAll().where('client_id', '=', 'mobile').execute()
      expect(rows.every(({ session_hash }) => session_hash === null)).toBe(true)
      await postToEndpoint(app, 'revoke', { client_id: 'mobile', token: String(first.body.refresh_token) })
      expect(await refresh(first.body.refresh_token)).toMatchObject(invalidGrant)
      expect((await refresh(second.body.refresh_token)).status).toBe(200)
    })

    it('is audited, and the use of an old flow counted', async () => {
      const before = await app.store.db.selectFrom('old_flow_uses').selectAll().executeTakeFirst()
      await signIn()
      const after = await app.store.db
        .selectFrom('old_flow_uses')
        .selectAll()
        .where('client_id', '=', 'mobile')
        .execute()
      expect(after).toEqual([expect.objectContaining({ flow: 'password', uses: Number(before?.uses ?? 0) + 1 })])
      const rows = await auditRows('sign-in.succeeded')
      expect(rows.at(-1)).toMatchObject({ client_id: 'mobile', user_id: expect.any(String) })
      expect(JSON.parse(rows.at(-1)?.detail ?? '')).toEqual({ flow: 'password' })
    })

    it('has tokens bound to the key the app proves (RFC 9449)', async () => {
      const key = await createDpopKey()
      const answer = await signIn({}, { key })
      expect(answer.body.token_type).toBe('DPoP')
      expect(await refresh(answer.body.refresh_token)).toMatchObject(invalidGrant)
      expect((await refresh(answer.body.refresh_token, {}, { key })).body.token_type).toBe('DPoP')
    })

    it('has the refresh token the client takes', async () => {
      const { body } = await signIn({ client_id: 'no-refresh' })
      for (const name of ['refresh_token', 'refresh_token_expires_in', 'refresh_token_expires_at'])
        expect(body).not.toHaveProperty(name)
      const fixed = await signIn({ client_id: 'fixed' })
      const renewed = await refresh(fixed.body.refresh_token, { client_id: 'fixed' })
      expect(renewed.status).toBe(200)
      expect(renewed.body).not.toHaveProperty('refresh_token')
    })
  })

  describe('a refusal', () => {
    it('is the same for a wrong password and for a name nobody has', async () => {
      const wrong = await signIn({ password: 'not her password' })
      const unknown = await signIn({ username: 'nobody' })
      expect(wrong).toMatchObject({
        status: 400,
        body: {
          error: 'invalid_grant',
          code: 'credentials-wrong',
          error_description: 'the username or the password is wrong',
        },
      })
      expect(unknown.body).toEqual(wrong.body)
      for (const username of ['visitor', 'ada\u0000', 'a'.repeat(3000)])
        expect((await signIn({ username })).body).toEqual(wrong.body)
      expect((await auditRows('sign-in.failed')).at(-1)).toMatchObject({ client_id: 'mobile' })
    })

    it('says that an account is disabled to whoever knows its password', async () => {
      const setDisabled = (disabled_at: number | null) =>
        app.store.db.updateTable('users').set({ disabled_at }).where('username', '=', 'ben').execute()
      await setDisabled(1)
      expect(await signIn(BEN)).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant', code: 'account-disabled', error_description: 'this account is disabled' },
      })
      const wrong = await signIn({ ...BEN, password: 'x' })
      expect(wrong.body).toEqual((await signIn({ username: 'nobody' })).body)
      await setDisabled(null)
    })

    it('comes after too many failures, with the time to wait, and counts with those on the page', async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      const { browser, state } = await visitSignIn(app)
      for (let time = 0; time < 5; time++) {
        await browser.postForm(state.action, signInStep({ ...BEN, password: 'x' }))
        expect(await signIn({ ...BEN, password: 'x' })).toMatchObject(invalidGrant)
      }
      const paused = await signIn(BEN)
      expect(paused).toMatchObject({ status: 429, body: { error: 'slow_down' }, headers: { 'retry-after': '120' } })
      vi.setSystemTime(Date.now() + 120_000)
      expect((await signIn(BEN)).status).toBe(200)
    })

    it.each([
      ['username', 'missing required parameter username'],
      ['password', 'missing required parameter password'],
    ])('names what is missing: %s', async (name, error_description) => {
      expect(await signIn({ [name]: '' })).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description },
      })
    })

    it('meets every client that doesn’t hold the grant', async () => {
      expect(await signIn({ client_id: 'catalog' })).toMatchObject({ body: { error: 'unauthorized_client' } })
      const headers = basicAuth()
      expect(await postToEndpoint(app, 'token', { grant_type: 'password', ...ADA }, { headers })).toMatchObject({
        body: { error: 'unauthorized_client' },
      })
    })

    it('comes too when the account is disabled while its password is being checked', async () => {
      const user = await app.store.db.selectFrom('users').select('id').where('username', '=', 'ben').executeTakeFirst()
      const userId = user?.id ?? ''
      const pause = store.pauseNext('before it begins')
      const answer = signIn(BEN)
      await pause.reached
      await disablePerson(
        { store, audit: createAudit(store, { info: () => {} }) },
        { tenant: 'demo', userId },
        Date.now(),
      )
      pause.release()
      expect(await answer).toMatchObject(invalidGrant)
      expect(await listLiveFamilies(app.store.db, { tenant: 'demo', userId }, Date.now())).toEqual([])
      await app.store.db.updateTable('users').set({ disabled_at: null }).where('id', '=', userId).execute()
    })
  })

  describe('a client with a secret', () => {
    const form = { grant_type: 'password', ...ADA }
    const elevated = (headers: Record<string, string>, fields: Record<string, string> = {}) =>
      postToEndpoint(app, 'token', { ...form, ...fields }, { headers })

    it('shows it at every grant, refresh too', async () => {
      const { body } = await elevated(basicAuth('elevated'))
      const renewal = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) }
      for (const fields of [form, renewal]) {
        expect(await postToEndpoint(app, 'token', { ...fields, client_id: 'elevated' })).toMatchObject({
          status: 401,
          body: { error: 'invalid_client' },
        })
      }
      expect((await postToEndpoint(app, 'token', renewal, { headers: basicAuth('elevated') })).status).toBe(200)
    })

    it('may show any of several until it ends', async () => {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(ENDS_AT) - 1000 })
      const { status, body } = await elevated(basicAuth('elevated', ENDED_SECRET))
      expect(status).toBe(200)
      vi.setSystemTime(Date.parse(ENDS_AT))
      const headers = basicAuth('elevated', ENDED_SECRET)
      const renewal = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) }
      for (const fields of [form, renewal])
        expect(await postToEndpoint(app, 'token', fields, { headers })).toMatchObject({ status: 401 })
    })
  })

  describe('roles', () => {
    it('are all that the person holds when none are asked for', async () => {
      expect(claimsOf(await signIn(BEN)).roles).toEqual(['Shopper', 'MeAdmin'])
      expect(claimsOf(await signIn({ ...BEN, scope: '' })).roles).toEqual(['Shopper', 'MeAdmin'])
    })

    it('are those asked for, as scope or as custom_roles', async () => {
      expect(claimsOf(await signIn({ ...BEN, scope: 'MeAdmin' }))).toMatchObject({
        roles: ['MeAdmin'],
        scope: 'MeAdmin',
      })
      const alone = await signIn({ ...BEN, custom_roles: 'MeAdmin' })
      expect(claimsOf(alone)).toMatchObject({ roles: ['MeAdmin'], scope: 'MeAdmin' })
      expect(alone.body.scope).toBe('MeAdmin')
      const both = await signIn({ ...BEN, scope: 'openid Shopper', custom_roles: 'Shopper  MeAdmin' })
      expect(claimsOf(both)).toMatchObject({ roles: ['Shopper', 'MeAdmin'], scope: 'openid Shopper MeAdmin' })
    })

    it.each([
      [{ scope: 'Shopper MeAdmin' }],
      [{ scope: 'FullAccess' }],
      [{ scope: 'portico:admin' }],
      [{ scope: 'undefined Shopper' }],
      [{ custom_roles: 'MeAdmin' }],
      [{ custom_roles: 'openid' }],
    ])('that the person doesn’t hold are refused, never left out: %j', async (fields) => {
      const answer = await signIn(fields)
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_scope', scope: expect.any(String) } })
      expect(answer.body).not.toHaveProperty('access_token')
    })

    it('are told about to nobody who doesn’t know the password', async () => {
      expect(await signIn({ scope: 'MeAdmin', password: 'x' })).toMatchObject(invalidGrant)
      expect(await signIn({ client_id: 'staff', password: 'x' })).toMatchObject(invalidGrant)
    })

    it('are within the client’s maximum, and not below its minimum', async () => {
      expect(claimsOf(await signIn({ ...BEN, client_id: 'shop' })).roles).toEqual(['Shopper'])
      expect(await signIn({ ...BEN, client_id: 'shop', scope: 'MeAdmin' })).toMatchObject({
        body: { error: 'invalid_scope' },
      })
      expect(await signIn({ client_id: 'staff' })).toMatchObject({ status: 400, body: { error: 'access_denied' } })
      expect((await signIn({ ...BEN, client_id: 'staff' })).status).toBe(200)
    })
  })

  describe('a guest who signs in', () => {
    const aGuest = (key?: DpopKey, client_id = 'mobile') => startGuest(app, { key, fields: { client_id } })
    const upgrades = () => app.store.db.selectFrom('guest_upgrades').selectAll().execute()

    it('keeps the session id and nothing else', async () => {
      const key = await createDpopKey()
      const guest = await aGuest(key)
      const member = await signIn({ guest_token: guest.refreshToken }, { key })
      expect(member.body).toMatchObject({ session_id: guest.sessionId, guest_upgrade: 'pending' })
      expect(claimsOf(member)).toMatchObject({ session_id: guest.sessionId, roles: ['Shopper'] })
      expect(claimsOf(member)).not.toHaveProperty('guest')
      expect(await refresh(guest.refreshToken, {}, { key })).toMatchObject(invalidGrant)
      expect(await upgrades()).toContainEqual(
        expect.objectContaining({ session_id: guest.sessionId, member_sub: claimsOf(member).sub, client_id: 'mobile' }),
      )
    })

    it.each([
      ['unreadable', async () => ({ token: 'a.b.c' })],
      ['another app’s', async () => ({ token: (await aGuest(undefined, 'catalog')).refreshToken })],
      ['bound to a key that isn’t proved', async () => ({ token: (await aGuest(await createDpopKey())).refreshToken })],
      [
        'ended',
        async () => {
          const { refreshToken: token } = await aGuest()
          await postToEndpoint(app, 'revoke', { client_id: 'mobile', token })
          return { token }
        },
      ],
    ])('by a token that is %s is signed in as somebody new', async (_what, make) => {
      const { token } = await make()
      const { status, body } = await signIn({ guest_token: token })
      expect(status).toBe(200)
      expect(body).toMatchObject({ guest_upgrade: 'none', session_id: expect.any(String) })
    })

    it('is refused with a session id that isn’t that guest’s, and stays a guest', async () => {
      const guest = await aGuest()
      for (const fields of [{ session_id: 'made-up' }, { session_id: 'made-up', guest_token: guest.refreshToken }])
        expect(await signIn(fields)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
      const { body } = await signIn({ session_id: guest.sessionId, guest_token: guest.refreshToken })
      expect(body).toMatchObject({ session_id: guest.sessionId, guest_upgrade: 'pending' })
    })

    it('stays one when the password is wrong, and can’t be brought along twice', async () => {
      const guest = await aGuest()
      const guest_token = guest.refreshToken
      expect(await signIn({ guest_token, password: 'x' })).toMatchObject(invalidGrant)
      expect((await refresh(guest_token)).status).toBe(200)
      const answers = await Promise.all([signIn({ guest_token }), signIn({ ...BEN, guest_token })])
      expect(answers.map(({ body }) => body.guest_upgrade).toSorted()).toEqual(['none', 'pending'])
      expect(answers.filter(({ body }) => body.session_id === guest.sessionId)).toHaveLength(1)
    })

    it('comes along with any page’s server, which shows whose guest it is', async () => {
      const guest = await aGuest()
      const { body } = await postToEndpoint(
        app,
        'token',
        { grant_type: 'password', ...ADA, guest_token: guest.refreshToken },
        { headers: basicAuth('elevated') },
      )
      expect(body).toMatchObject({ session_id: guest.sessionId, guest_upgrade: 'pending' })
    })
  })
})

it('asks to try again when more passwords are being checked than the server takes on', async () => {
  const limits = { password_checks: 1, password_queue: 1 }
  const busy = await startTestApp({ config: aConfig({ tenant: { clients: [aMobileApp()] }, file: { limits } }) })
  const form = { grant_type: 'password', client_id: 'mobile', ...ADA }
  const answers = await Promise.all(Array.from({ length: 12 }, () => postToEndpoint(busy, 'token', form)))
  const refused = answers.filter(({ status }) => status !== 200)
  expect(answers.some(({ status }) => status === 200)).toBe(true)
  expect(refused.length).toBeGreaterThan(0)
  for (const { status, headers, body } of refused) {
    expect({ status, error: body.error }).toEqual({ status: 429, error: 'slow_down' })
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  }
  await busy.close()
})
