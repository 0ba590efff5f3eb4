import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createAudit } from '../../audit/audit.ts'
import { describeStores } from '../../store/test/open-test-stores.ts'
import { createDpopKey } from '../../test/dpop-key.ts'
import { basicAuth, postToEndpoint, startGuest, type TokenResponse } from '../../test/flows.ts'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { APP_ORIGIN, aClient, aConfidentialClient, aConfig, aGuestClient, ISSUER } from '../../test/test-config.ts'
import { disablePerson } from '../../users/disable-person.ts'

const SECRET = 'community-secret-0123456789abcdef'
const MEMBER_GRANT = 'urn:portico:grant-type:member'

/** A server that has seen to it by itself who its members are. */
function aCommunity(overrides: Record<string, unknown> = {}) {
  return {
    client_id: 'community',
    client_secret: SECRET,
    grant_types: [MEMBER_GRANT, 'refresh_token'],
    mint: { email: true },
    ...overrides,
  }
}

const config = aConfig({
  tenant: {
    clients: [
      aGuestClient(),
      aConfidentialClient(),
      aCommunity(),
      aCommunity({ client_id: 'default', mint: undefined }),
      aCommunity({ client_id: 'strict', mint: { sso_id: false, member_id: false, email: true } }),
      aCommunity({ client_id: 'staff', min_roles: ['MeAdmin'] }),
      aCommunity({ client_id: 'fixed', refresh_token_rotation: 'fixed' }),
      aCommunity({ client_id: 'busy', mint: { burst: 3, per_minute: 30 } }),
    ],
    users: [
      {
        username: 'ada',
        email: 'Ada@demo.test',
        email_verified: true,
        member_id: 1001,
        sso_id: 'acme|ada',
        roles: ['Shopper'],
      },
      { username: 'ben', email: 'ben@demo.test', member_id: 1002, sso_id: 'acme|ben', roles: ['Shopper', 'MeAdmin'] },
      { username: 'cleo@demo.test', member_id: 1003 },
      { username: 'dora', email: 'dora@demo.test', email_verified: true, member_id: 1004, sso_id: 'acme|dora' },
      { username: 'visitor', guest_template: true, member_id: 1005, roles: ['Browser'] },
    ],
  },
})

describeStores((openTestStore) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp({ store: await openTestStore(), config })
  })
  afterAll(() => app.close())
  afterEach(() => vi.useRealTimers())

  type Options = Parameters<typeof postToEndpoint>[3]
  const mint = (fields: Record<string, string>, clientId = 'community', options: Options = {}) =>
    postToEndpoint(
      app,
      'token',
      { grant_type: MEMBER_GRANT, ...fields },
      { ...options, headers: { ...basicAuth(clientId, SECRET), ...options.headers } },
    )
  const refresh = (token: unknown, clientId = 'community') =>
    postToEndpoint(
      app,
      'token',
      { grant_type: 'refresh_token', refresh_token: String(token) },
      { headers: basicAuth(clientId, SECRET) },
    )
  const claimsOf = ({ body }: TokenResponse) => decodeJwt(body.access_token ?? '')
  const idOf = async (username: string) =>
    (await app.store.db.selectFrom('users').select('id').where('username', '=', username).executeTakeFirstOrThrow()).id
  const lastAudit = async (event: string) => {
    const rows = await app.store.db.selectFrom('audit').selectAll().where('event', '=', event).orderBy('at').execute()
    const row = rows.at(-1)
    return { ...row, detail: JSON.parse(row?.detail ?? '{}') }
  }
  const invalidRequest = { status: 400, body: { error: 'invalid_request' } }

  describe('a server that names a member', () => {
    it.each([{ sso_id: 'acme|ada' }, { member_id: '1001' }, { email: ' ADA@Demo.Test ' }])(
      'gets their tokens: %j',
      async (fields) => {
        const answer = await mint(fields)
        expect(answer).toMatchObject({
          status: 200,
          body: {
            token_type: 'Bearer',
            expires_in: 600,
            scope: 'profile',
            session_id: expect.any(String),
            access_token_expires_at: expect.any(String),
            refresh_token: expect.any(String),
            refresh_token_expires_in: expect.any(Number),
            refresh_token_expires_at: expect.any(String),
          },
        })
        expect(claimsOf(answer)).toMatchObject({
          sub: await idOf('ada'),
          client_id: 'community',
          roles: ['Shopper'],
          act: { sub: 'client:community' },
        })
      },
    )

    it('is understood by the surest name where it sends several', async () => {
      const { sub } = claimsOf(await mint({ sso_id: 'acme|ada', member_id: '1002', email: 'dora@demo.test' }))
      expect(sub).toBe(await idOf('ada'))
      expect(claimsOf(await mint({ member_id: '1002', email: 'dora@demo.test' })).sub).toBe(await idOf('ben'))
      // The surest is unknown: the others don't help out.
      expect(await mint({ sso_id: 'acme|nobody', member_id: '1001' })).toMatchObject({
        body: { error: 'invalid_grant' },
      })
    })

    it('is the actor in every token of that login, and for introspection (RFC 8693 section 4.1)', async () => {
      const { body } = await mint({ member_id: '1001' })
      const renewed = await refresh(body.refresh_token)
      expect(claimsOf(renewed).act).toEqual({ sub: 'client:community' })
      const headers = basicAuth('orders')
      const answer = await postToEndpoint(app, 'introspect', { token: renewed.body.access_token ?? '' }, { headers })
      expect(answer.body).toMatchObject({ active: true, act: { sub: 'client:community' } })
    })

    it('leaves the member’s other logins alone', async () => {
      const first = await mint({ member_id: '1001' })
      const second = await mint({ member_id: '1001' })
      expect(claimsOf(first).sid).not.toBe(claimsOf(second).sid)
      for (const { body } of [first, second]) expect((await refresh(body.refresh_token)).status).toBe(200)
    })

    it('keeps one refresh token where the client says so', async () => {
      const { body } = await mint({ member_id: '1001' }, 'fixed')
      const renewed = await refresh(body.refresh_token, 'fixed')
      expect(renewed.status).toBe(200)
      expect(renewed.body).not.toHaveProperty('refresh_token')
    })

    it('asks for roles like any other', async () => {
      expect(claimsOf(await mint({ member_id: '1002', custom_roles: 'MeAdmin' })).roles).toEqual(['MeAdmin'])
      expect(await mint({ member_id: '1001', scope: 'MeAdmin' })).toMatchObject({ body: { error: 'invalid_scope' } })
      expect(await mint({ member_id: '1001' }, 'staff')).toMatchObject({ body: { error: 'access_denied' } })
    })

    it('is written down with the kind of name it used, whatever comes of it', async () => {
      await mint({ sso_id: 'acme|ada' })
      expect(await lastAudit('token.issued')).toMatchObject({
        client_id: 'community',
        user_id: await idOf('ada'),
        detail: { flow: 'member', identifier: 'sso_id' },
      })
      await mint({ email: 'nobody@demo.test' })
      expect(await lastAudit('token.refused')).toMatchObject({
        client_id: 'community',
        detail: { error: 'invalid_grant', reason: 'no usable member by email' },
      })
      await mint({ email: 'ada@demo.test' }, 'default')
      expect(await lastAudit('token.refused')).toMatchObject({
        client_id: 'default',
        detail: { error: 'unauthorized_client', reason: expect.stringContaining('email') },
      })
    })
  })

  describe('a refusal', () => {
    it('is the same for everybody who can’t be signed in', async () => {
      const audit = createAudit(app.store, { info: () => {} })
      await disablePerson({ store: app.store, audit }, { tenant: 'demo', userId: await idOf('dora') }, Date.now())
      const unknown = await mint({ sso_id: 'acme|nobody' })
      expect(unknown).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant', error_description: 'there is no such member' },
      })
      const others: Record<string, string>[] = [
        { member_id: '999999' },
        { email: 'nobody@demo.test' },
        // disabled, by each name
        { sso_id: 'acme|dora' },
        { member_id: '1004' },
        { email: 'dora@demo.test' },
        // an address nobody has confirmed, a username that looks like one, the guests' template
        { email: 'ben@demo.test' },
        { email: 'cleo@demo.test' },
        { email: 'ada' },
        { member_id: '1005' },
        { sso_id: 'acme|ada\u0000' },
        { sso_id: ' acme|ada' },
      ]
      for (const fields of others) expect((await mint(fields)).body).toEqual(unknown.body)
    })

    it.each([
      [{}, /sso_id, member_id, email/],
      [{ sso_id: '', member_id: '', email: '' }, /sso_id, member_id, email/],
      [{ member_id: 'ada' }, /member_id must be a whole number/],
      [{ member_id: '-1' }, /member_id must be a whole number/],
      [{ member_id: '1e3' }, /member_id must be a whole number/],
      [{ member_id: '99999999999999999999' }, /member_id must be a whole number/],
    ] as [Record<string, string>, RegExp][])('says what is wrong with %j', async (fields, reason) => {
      const answer = await mint(fields)
      expect(answer).toMatchObject(invalidRequest)
      expect(answer.body.error_description).toMatch(reason)
    })

    it('meets kinds of names the client may not use: by default addresses', async () => {
      const refused = { status: 400, body: { error: 'unauthorized_client' } }
      expect(await mint({ email: 'ada@demo.test' }, 'default')).toMatchObject(refused)
      expect((await mint({ member_id: '1001' }, 'default')).status).toBe(200)
      expect(await mint({ sso_id: 'acme|ada' }, 'strict')).toMatchObject(refused)
      expect(await mint({ member_id: '1001' }, 'strict')).toMatchObject(refused)
      expect((await mint({ email: 'ada@demo.test' }, 'strict')).status).toBe(200)
    })

    it.each([APP_ORIGIN, 'https://evil.test', 'null', ISSUER.replace('/demo', '')])(
      'meets every page, also with the right secret: %s',
      async (origin) => {
        const answer = await mint({ member_id: '1001' }, 'community', { headers: { origin } })
        expect(answer).toMatchObject({ status: 403, body: { error: 'invalid_request' } })
      },
    )

    it('meets clients without the grant, and without their secret', async () => {
      const form = { grant_type: MEMBER_GRANT, member_id: '1001' }
      expect(await postToEndpoint(app, 'token', { ...form, client_id: 'catalog' })).toMatchObject({
        body: { error: 'unauthorized_client' },
      })
      expect(await postToEndpoint(app, 'token', form, { headers: basicAuth() })).toMatchObject({
        body: { error: 'unauthorized_client' },
      })
      for (const headers of [basicAuth('community', 'wrong'), {}]) {
        const answer = await postToEndpoint(
          app,
          'token',
          { ...form, ...(!('authorization' in headers) && { client_id: 'community' }) },
          { headers },
        )
        expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
      }
    })

    it('meets a client that asks too often, on every node, until it may again', async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      const neighbour = await startTestApp({ store: await openTestStore(), config })
      const ask = (node: TestApp) =>
        postToEndpoint(
          node,
          'token',
          { grant_type: MEMBER_GRANT, member_id: '1001' },
          { headers: basicAuth('busy', SECRET) },
        )
      const answers = [await ask(app), await ask(neighbour), await ask(app), await ask(neighbour), await ask(app)]
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429])
      const wait = Number(answers.at(-1)?.headers['retry-after'])
      expect(wait).toBe(2)
      expect(answers.at(-1)?.body.error).toBe('slow_down')
      expect((await mint({ member_id: '1001' })).status).toBe(200)
      vi.setSystemTime(Date.now() + wait * 1000)
      expect((await ask(app)).status).toBe(200)
      await neighbour.close()
    })
  })

  describe('a guest whose token comes along', () => {
    it('keeps the session id: the server shows whose guest it is', async () => {
      const guest = await startGuest(app)
      const { body } = await mint({ member_id: '1001', guest_token: guest.refreshToken })
      expect(body).toMatchObject({ session_id: guest.sessionId, guest_upgrade: 'pending' })
      expect(await mint({ member_id: '1001', guest_token: guest.refreshToken })).toMatchObject({
        status: 200,
        body: { guest_upgrade: 'none' },
      })
    })

    it('bound to a key, comes with that key’s proof, and its tokens are bound to it', async () => {
      const key = await createDpopKey()
      const guest = await startGuest(app, { key })
      const guest_token = guest.refreshToken
      expect((await mint({ member_id: '1001', guest_token })).body.guest_upgrade).toBe('none')
      const answer = await mint({ member_id: '1001', guest_token }, 'community', { key })
      expect(answer.body).toMatchObject({ session_id: guest.sessionId, guest_upgrade: 'pending', token_type: 'DPoP' })
    })

    it('is refused with another’s session id', async () => {
      const guest = await startGuest(app)
      const fields = { member_id: '1001', guest_token: guest.refreshToken, session_id: 'made-up' }
      expect(await mint(fields)).toMatchObject(invalidRequest)
    })

    it('stays a guest where the member is unknown', async () => {
      const guest = await startGuest(app)
      await mint({ member_id: '999999', guest_token: guest.refreshToken })
      const form = { grant_type: 'refresh_token', client_id: 'catalog', refresh_token: guest.refreshToken }
      expect((await postToEndpoint(app, 'token', form)).status).toBe(200)
    })
  })
})

it('is for clients with a secret: the configuration says so', () => {
  const clients = [aClient({ grant_types: [MEMBER_GRANT], redirect_uris: [] })]
  expect(() => aConfig({ tenant: { clients } })).toThrow(/the member grant needs a client_secret/)
})
