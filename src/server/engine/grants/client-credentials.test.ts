import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { describeStores } from '../../store/test/open-test-stores.ts'
import { createDpopKey } from '../../test/dpop-key.ts'
import { basicAuth, postToEndpoint, type TokenResponse } from '../../test/flows.ts'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { AUDIENCE, aClient, aConfidentialClient, aConfig, ISSUER } from '../../test/test-config.ts'
import { userinfo } from '../../test/userinfo.ts'

const SECRET = 'reports-secret-0123456789abcdef'

/** An app that acts for itself. */
function aService(overrides: Record<string, unknown> = {}) {
  return {
    client_id: 'reports',
    client_secret: SECRET,
    grant_types: ['client_credentials'],
    max_roles: ['Browser', 'Shopper'],
    ...overrides,
  }
}

const renewable = { client_credentials_refresh: true, grant_types: ['client_credentials', 'refresh_token'] }
const config = aConfig({
  tenant: {
    clients: [
      aClient(),
      aConfidentialClient(),
      aService(),
      aService({ client_id: 'plain', max_roles: undefined }),
      aService({ client_id: 'operator', max_roles: ['portico:admin'] }),
      aService({ client_id: 'both', grant_types: ['client_credentials', 'refresh_token'] }),
      aService({ client_id: 'member', ...renewable }),
      aService({ client_id: 'fixed', ...renewable, refresh_token_rotation: 'fixed' }),
      aService({ client_id: 'bound', dpop_bound_access_tokens: true }),
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

  const ask = (clientId: string, fields: Record<string, string> = {}) =>
    postToEndpoint(
      app,
      'token',
      { grant_type: 'client_credentials', ...fields },
      { headers: basicAuth(clientId, SECRET) },
    )
  const refresh = (clientId: string, token: unknown, fields: Record<string, string> = {}) =>
    postToEndpoint(
      app,
      'token',
      { grant_type: 'refresh_token', refresh_token: String(token), ...fields },
      { headers: basicAuth(clientId, SECRET) },
    )
  const introspect = (token: unknown, headers = basicAuth()) =>
    postToEndpoint(app, 'introspect', { token: String(token) }, { headers })
  const revoke = (clientId: string, token: unknown) =>
    postToEndpoint(app, 'revoke', { token: String(token) }, { headers: basicAuth(clientId, SECRET) })
  const claimsOf = ({ body }: TokenResponse) => decodeJwt(body.access_token ?? '')
  const listed = async () =>
    decodeJwt((await app.browser().get(`${ISSUER}/revocations`)).body).revocations as Record<string, unknown>[]
  const families = (clientId: string) =>
    app.store.db.selectFrom('families').selectAll().where('client_id', '=', clientId).execute()

  const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }
  const invalidScope = { status: 400, body: { error: 'invalid_scope' } }

  describe('an app that acts for itself (RFC 6749 section 4.4)', () => {
    it('gets a token that says so, and nothing to refresh it with', async () => {
      const answer = await ask('reports')
      expect(answer).toMatchObject({
        status: 200,
        body: {
          token_type: 'Bearer',
          expires_in: 600,
          scope: 'Browser Shopper',
          session_id: expect.any(String),
          access_token_expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        },
      })
      for (const name of ['refresh_token', 'refresh_token_expires_in', 'refresh_token_expires_at', 'id_token'])
        expect(answer.body).not.toHaveProperty(name)
      const keys = createLocalJWKSet(JSON.parse((await app.browser().get(`${ISSUER}/jwks`)).body))
      const { payload } = await jwtVerify(answer.body.access_token ?? '', keys, {
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: 'at+jwt',
        requiredClaims: ['jti', 'iat', 'exp'],
      })
      expect(payload).toMatchObject({
        sub: 'client:reports',
        client_id: 'reports',
        roles: ['Browser', 'Shopper'],
        session_id: answer.body.session_id,
      })
      expect(payload).not.toHaveProperty('sid')
      expect(new Date(String(answer.body.access_token_expires_at)).getTime() / 1000).toBeCloseTo(payload.exp ?? 0, -1)
    })

    it('leaves no row behind', async () => {
      await ask('reports')
      expect(await families('reports')).toEqual([])
      const rows = await app.store.db.selectFrom('audit').select('id').where('client_id', '=', 'reports').execute()
      expect(rows).toEqual([])
      expect(app.log.some((line) => line.includes('"token.issued"') && line.includes('"reports"'))).toBe(true)
    })

    it('has the roles its configuration names, or of these what it asks for', async () => {
      expect(claimsOf(await ask('reports', { scope: 'Shopper' }))).toMatchObject({
        roles: ['Shopper'],
        scope: 'Shopper',
      })
      const plain = await ask('plain')
      expect(claimsOf(plain).roles).toEqual([])
      expect(plain.body).not.toHaveProperty('scope')
    })

    it.each(['MeAdmin', 'Shopper MeAdmin', 'portico:admin', 'openid', 'made-up'])(
      'is refused what it may not have, never given less: %s',
      async (scope) => {
        expect(await ask('reports', { scope })).toMatchObject(invalidScope)
        expect(await ask('plain', { scope })).toMatchObject(invalidScope)
      },
    )

    it('is an operator’s when the configuration says so and it asks by name', async () => {
      expect(claimsOf(await ask('operator'))).not.toHaveProperty('scope')
      expect(claimsOf(await ask('operator', { scope: 'portico:admin' }))).toMatchObject({
        scope: 'portico:admin',
        roles: [],
      })
    })

    it('can’t be taken for a person, whatever it is called', async () => {
      const token = (await ask('reports')).body.access_token ?? ''
      expect(await userinfo(app, token)).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } })
      const people = await app.store.db.selectFrom('users').select('id').execute()
      expect(people.filter(({ id }) => id.includes(':'))).toEqual([])
    })

    it('is for clients that hold the grant and show their secret', async () => {
      const form = { grant_type: 'client_credentials' }
      expect(await postToEndpoint(app, 'token', { ...form, client_id: 'catalog' })).toMatchObject({
        body: { error: 'unauthorized_client' },
      })
      expect(await postToEndpoint(app, 'token', { ...form, client_id: 'reports' })).toMatchObject({ status: 401 })
      expect(await postToEndpoint(app, 'token', form, { headers: basicAuth('reports', 'wrong') })).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      })
      expect(await postToEndpoint(app, 'token', form, { headers: basicAuth() })).toMatchObject({
        body: { error: 'unauthorized_client' },
      })
    })

    it('binds its token to the key it proves, with each proof once (RFC 9449)', async () => {
      const key = await createDpopKey()
      const proof = await key.proof({ url: `${ISSUER}/token` })
      const form = { grant_type: 'client_credentials' }
      const headers = basicAuth('bound', SECRET)
      expect(await postToEndpoint(app, 'token', form, { headers })).toMatchObject(invalidGrant)
      const bound = await postToEndpoint(app, 'token', form, { headers, proof })
      expect(bound.body.token_type).toBe('DPoP')
      expect(claimsOf(bound).cnf).toEqual({ jkt: key.thumbprint })
      expect(await postToEndpoint(app, 'token', form, { headers, proof })).toMatchObject({
        body: { error: 'invalid_dpop_proof' },
      })
    })
  })

  describe('its token', () => {
    it('is introspected like any other (RFC 7662)', async () => {
      const { body } = await ask('reports')
      expect((await introspect(body.access_token)).body).toMatchObject({
        active: true,
        sub: 'client:reports',
        client_id: 'reports',
        roles: ['Browser', 'Shopper'],
        session_id: body.session_id,
      })
    })

    it('is revoked by itself, for introspection and for the list that APIs follow', async () => {
      const [first, second] = [await ask('reports'), await ask('reports')]
      const { jti, exp } = claimsOf(first)
      expect(await revoke('operator', first.body.access_token)).toMatchObject({ status: 200 })
      expect((await introspect(first.body.access_token)).body.active).toBe(true)
      expect(await revoke('reports', first.body.access_token)).toMatchObject({ status: 200, body: {} })
      expect((await introspect(first.body.access_token)).body).toEqual({ active: false })
      expect((await introspect(second.body.access_token)).body.active).toBe(true)
      await expect.poll(listed, { timeout: 3000 }).toContainEqual({ jti, until: expect.any(Number) })
      expect((await listed()).find((entry) => entry.jti === jti)?.until).toBeGreaterThanOrEqual(exp ?? 0)
    })
  })

  describe('an app that may refresh what it got for itself', () => {
    it('does so as a person’s app does: rotation, repetition, reuse', async () => {
      const begun = await ask('member', { scope: 'Shopper' })
      expect(begun.body).toMatchObject({
        refresh_token: expect.any(String),
        refresh_token_expires_in: expect.any(Number),
        refresh_token_expires_at: expect.any(String),
      })
      const { refresh_token: first } = begun.body
      const renewed = await refresh('member', first)
      expect(claimsOf(renewed)).toMatchObject({
        sub: 'client:member',
        roles: ['Shopper'],
        sid: claimsOf(begun).sid,
        session_id: begun.body.session_id,
      })
      expect((await refresh('member', first)).body.refresh_token).toBe(renewed.body.refresh_token)
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
      expect(await refresh('member', renewed.body.refresh_token)).toMatchObject({ status: 200 })
      expect(await refresh('member', first)).toMatchObject(invalidGrant)
      expect((await introspect(renewed.body.access_token)).body).toEqual({ active: false })
    })

    it('has a fixed refresh token where the client says so', async () => {
      const { body } = await ask('fixed')
      for (let time = 0; time < 2; time++) {
        const renewed = await refresh('fixed', body.refresh_token)
        expect(renewed.status).toBe(200)
        expect(renewed.body).not.toHaveProperty('refresh_token')
      }
    })

    it('never gets more than it was given', async () => {
      const { body } = await ask('member', { scope: 'Shopper' })
      expect(await refresh('member', body.refresh_token, { scope: 'Shopper Browser' })).toMatchObject(invalidScope)
    })

    it('ends its login by revoking either token, and only that one', async () => {
      for (const name of ['refresh_token', 'access_token'] as const) {
        const [ended, other] = [await ask('member'), await ask('member')]
        const own = basicAuth('member', SECRET)
        const { body } = await introspect(ended.body.refresh_token, own)
        expect(body).toMatchObject({ active: true, sub: 'client:member' })
        await revoke('member', ended.body[name])
        expect(await refresh('member', ended.body.refresh_token)).toMatchObject(invalidGrant)
        expect((await introspect(ended.body.access_token)).body).toEqual({ active: false })
        expect((await introspect(ended.body.refresh_token, own)).body).toEqual({ active: false })
        expect((await introspect(other.body.access_token)).body.active).toBe(true)
        await expect.poll(listed, { timeout: 3000 }).toContainEqual({
          sid: claimsOf(ended).sid,
          until: expect.any(Number),
        })
      }
    })

    it('is the only one: a client that may refresh others’ logins gets nothing to refresh its own with', async () => {
      expect((await ask('both')).body).not.toHaveProperty('refresh_token')
    })

    it('can’t refresh any more once the configuration takes it back', async () => {
      const { body } = await ask('member')
      const takenBack = aService({ client_id: 'member', ...renewable, client_credentials_refresh: false })
      const clients = [aClient(), aConfidentialClient(), takenBack]
      const later = await startTestApp({ store: await openTestStore(), config: aConfig({ tenant: { clients } }) })
      const form = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) }
      const headers = basicAuth('member', SECRET)
      expect(await postToEndpoint(later, 'token', form, { headers })).toMatchObject(invalidGrant)
      await later.close()
    })
  })
})
