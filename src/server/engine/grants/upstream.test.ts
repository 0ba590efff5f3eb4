import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { describeStores } from '../../store/test/open-test-stores.ts'
import { createDpopKey, type DpopKey } from '../../test/dpop-key.ts'
import { aPkce, basicAuth, postToEndpoint, startGuest, type TokenResponse } from '../../test/flows.ts'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { ADA, aConfidentialClient, aConfig, aGuestClient, REDIRECT_URI } from '../../test/test-config.ts'
import { userinfo } from '../../test/userinfo.ts'
import { startUpstream, type UpstreamServer } from '../../upstream/test/upstream-server.ts'
import { Visitor } from '../../upstream/test/visitor.ts'

const GRANT = 'urn:portico:grant-type:upstream'
const SERVER_CALLBACK = 'http://localhost:3002/callback'
const ELSEWHERE = 'http://localhost:3009/callback'

describeStores((openTestStore) => {
  let acme: UpstreamServer
  let other: UpstreamServer
  let app: TestApp
  beforeAll(async () => {
    const redirectUris = [REDIRECT_URI, SERVER_CALLBACK, ELSEWHERE]
    acme = await startUpstream({ redirectUris })
    other = await startUpstream({ redirectUris })
    for (const { accounts } of [acme, other]) accounts.set('cleo', { email: 'cleo@acme.test', email_verified: true })
    const holds = { grant_types: [GRANT, 'refresh_token', 'urn:portico:grant-type:guest'] }
    const clients = [
      aGuestClient(holds),
      aConfidentialClient({ grant_types: [GRANT], upstream_tokens: true }),
      aGuestClient({ client_id: 'without' }),
      aGuestClient({ ...holds, client_id: 'bound', dpop_bound_access_tokens: true }),
      aGuestClient({ ...holds, client_id: 'staff', min_roles: ['MeAdmin'] }),
    ]
    const entry = { provision: true, roles: ['Shopper'] }
    const upstream = [
      acme.entry(entry),
      other.entry({ ...entry, name: 'other', label: 'Other' }),
      acme.entry({ name: 'closed' }),
      acme.entry({ ...entry, name: 'by-email', match: 'email' }),
    ]
    app = await startTestApp({ store: await openTestStore(), config: aConfig({ tenant: { clients, upstream } }) })
  })
  afterAll(async () => {
    await app.close()
    await acme.close()
    await other.close()
  })
  afterEach(async () => {
    acme.lies = {}
    await app.store.db.deleteFrom('audit').execute()
  })

  interface Sent {
    login?: string
    at?: UpstreamServer
    redirectUri?: string
    nonce?: string
  }

  /** What an app has that has sent somebody to a provider itself and got them back. */
  async function comeBack({ login = 'cleo', at = acme, redirectUri = REDIRECT_URI, nonce }: Sent = {}) {
    const pkce = aPkce()
    const query = new URLSearchParams({
      client_id: String(at.entry().client_id),
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'openid email',
      state: 'acme--made-by-the-app',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
      ...(nonce !== undefined && { nonce }),
    })
    const { url } = await new Visitor().signIn(`${at.issuer}/auth?${query}`, login)
    return { code: url.searchParams.get('code') ?? '', redirect_uri: redirectUri, code_verifier: pkce.verifier }
  }

  type Fields = Record<string, string>
  const ask = (fields: Fields, options: { key?: DpopKey; headers?: Fields } = {}): Promise<TokenResponse> =>
    postToEndpoint(app, 'token', { grant_type: GRANT, client_id: 'catalog', ...fields }, options)
  const askAsServer = (fields: Fields) =>
    postToEndpoint(app, 'token', { grant_type: GRANT, ...fields }, { headers: basicAuth() })
  const claimsOf = ({ body }: TokenResponse) => decodeJwt(body.access_token ?? '')
  const auditOf = async (event: string) => {
    const rows = await app.store.db.selectFrom('audit').selectAll().where('event', '=', event).execute()
    return rows.map(({ client_id, detail }) => ({ client_id, ...JSON.parse(detail) }))
  }

  describe('somebody whom an app has sent to a provider itself', () => {
    it('is signed in by the code the app got, with everything the answer of a grant has', async () => {
      const answer = await ask({ ...(await comeBack()), scope: 'openid email' })
      expect(answer).toMatchObject({
        status: 200,
        body: {
          token_type: 'Bearer',
          expires_in: 600,
          scope: 'openid email',
          session_id: expect.any(String),
          refresh_token: expect.any(String),
          refresh_token_expires_at: expect.stringMatching(/Z$/),
        },
      })
      expect(claimsOf(answer)).toMatchObject({ client_id: 'catalog', roles: ['Shopper'] })
      expect(decodeJwt(answer.body.id_token ?? '')).toMatchObject({ amr: ['ext'], email: 'cleo@acme.test' })
      expect(await userinfo(app, answer.body.access_token ?? '')).toMatchObject({ status: 200 })
      expect(await auditOf('sign-in.succeeded')).toEqual([{ client_id: 'catalog', flow: 'upstream', provider: 'acme' }])
    })

    it('is the same person each time, and another one at another provider', async () => {
      const first = claimsOf(await ask(await comeBack()))
      const again = claimsOf(await ask(await comeBack()))
      const elsewhere = await comeBack({ at: other })
      expect(again.sub).toBe(first.sub)
      expect(await ask({ ...elsewhere, provider: 'other' })).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant', error_description: expect.stringContaining('same e-mail address') },
      })
    })

    it('is found at the provider that is named, by itself or by a state, else at the first', async () => {
      other.accounts.set('dora', {})
      const atOther = () => comeBack({ at: other, login: 'dora' })
      expect(await ask({ ...(await atOther()), provider: 'other' })).toMatchObject({ status: 200 })
      expect(await ask({ ...(await atOther()), state: 'other--x1y2' })).toMatchObject({ status: 200 })
      for (const state of ['nobody--x1y2', 'no-name-at-all', '--']) {
        expect(await ask({ ...(await comeBack()), state })).toMatchObject({ status: 200 })
      }
      expect(await ask({ ...(await atOther()), state: 'nobody--x1y2' })).toMatchObject({ status: 400 })
      expect(await ask({ ...(await comeBack()), provider: 'nobody' })).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      })
    })

    it('keeps what they had as a guest', async () => {
      const guest = await startGuest(app)
      const answer = await ask({ ...(await comeBack()), guest_token: guest.refreshToken })
      expect(answer.body).toMatchObject({ session_id: guest.sessionId, guest_upgrade: 'pending' })
      const stranger = await ask({ ...(await comeBack()), guest_token: 'nonsense' })
      expect(stranger.body).toMatchObject({ guest_upgrade: 'none' })
    })

    it('has tokens bound to the key that was proved', async () => {
      const key = await createDpopKey()
      expect(await ask({ ...(await comeBack()), client_id: 'bound' })).toMatchObject({ status: 400 })
      const answer = await ask({ ...(await comeBack()), client_id: 'bound' }, { key })
      expect(claimsOf(answer).cnf).toEqual({ jkt: key.thumbprint })
    })

    it('never has more than the app may give them', async () => {
      expect(await ask({ ...(await comeBack()), scope: 'MeAdmin' })).toMatchObject({ body: { error: 'invalid_scope' } })
      expect(await ask({ ...(await comeBack()), scope: 'everything' })).toMatchObject({
        body: { error: 'invalid_scope' },
      })
      expect(await ask({ ...(await comeBack()), client_id: 'staff' })).toMatchObject({
        body: { error: 'access_denied' },
      })
    })

    it('is not let in when they are disabled, or nobody here and nobody is made', async () => {
      acme.accounts.set('emil', {})
      expect(await ask({ ...(await comeBack({ login: 'emil' })), provider: 'closed' })).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant', code: 'upstream-no-account' },
      })
      expect(await ask(await comeBack({ login: 'emil' }))).toMatchObject({ status: 200 })
      await app.store.db.updateTable('users').set({ disabled_at: 1 }).where('sso_id', '=', 'acme|emil').execute()
      expect(await ask(await comeBack({ login: 'emil' }))).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      })
      expect(await auditOf('upstream.refused')).toEqual([
        expect.objectContaining({ provider: 'closed', error: 'upstream-no-account' }),
        expect.objectContaining({ provider: 'acme', error: 'upstream-account-disabled' }),
      ])
    })

    it('is connected to no account by their address', async () => {
      acme.accounts.set('ada-at-acme', { email: 'ada@demo.test', email_verified: true })
      const answer = await ask({ ...(await comeBack({ login: 'ada-at-acme' })), provider: 'by-email' })
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      const identity = app.store.db.selectFrom('identities').selectAll().where('subject', '=', 'ada-at-acme')
      expect(await identity.execute()).toEqual([])
      expect(ADA.username).toBe('ada')
    })
  })

  describe('a code', () => {
    it('is good once', async () => {
      const code = await comeBack()
      expect(await ask(code)).toMatchObject({ status: 200 })
      expect(await ask(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    })

    it.each<[string, Fields]>([
      ['another verifier', { code_verifier: aPkce().verifier }],
      ['no verifier', { code_verifier: '' }],
      ['another code', { code: 'made-up' }],
      ['a nonce that wasn’t sent', { nonce: 'n' }],
      ['another issuer (RFC 9207)', { iss: 'https://id.other.test' }],
    ])('with %s gets nobody in', async (_what, fields) => {
      const answer = await ask({ ...(await comeBack()), ...fields })
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      expect(answer.body).not.toHaveProperty('access_token')
    })

    it('comes with the nonce of its request, if there was one', async () => {
      expect(await ask(await comeBack({ nonce: 'n-1' }))).toMatchObject({ status: 400 })
      expect(await ask({ ...(await comeBack({ nonce: 'n-1' })), nonce: 'n-2' })).toMatchObject({ status: 400 })
      expect(await ask({ ...(await comeBack({ nonce: 'n-1' })), nonce: 'n-1' })).toMatchObject({ status: 200 })
    })

    it('that was sent to another app is no use to this one', async () => {
      const answer = await ask(await comeBack({ redirectUri: ELSEWHERE }))
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
      expect(acme.asked.at(-1)).not.toBe('/token')
    })

    it.each(['code', 'redirect_uri'])('without %s is a mistake that is named', async (name) => {
      const { [name]: _left, ...fields }: Fields = await comeBack()
      expect(await ask(fields)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description: expect.stringContaining(name) },
      })
    })

    it('is taken from clients that hold the grant', async () => {
      expect(await ask({ ...(await comeBack()), client_id: 'without' })).toMatchObject({
        status: 400,
        body: { error: 'unauthorized_client' },
      })
    })
  })

  describe('the provider’s own tokens', () => {
    it('are given to a client that asks and may have them', async () => {
      const { body } = await askAsServer({
        ...(await comeBack({ redirectUri: SERVER_CALLBACK })),
        upstream_tokens: 'true',
      })
      expect(body).toMatchObject({ upstream_access_token: expect.any(String) })
      expect(decodeJwt(String(body.upstream_id_token))).toMatchObject({ iss: acme.issuer, sub: 'cleo' })
    })

    it('are given to nobody else', async () => {
      const { body } = await askAsServer(await comeBack({ redirectUri: SERVER_CALLBACK }))
      expect(Object.keys(body).filter((name) => name.startsWith('upstream'))).toEqual([])
      acme.asked.length = 0
      expect(await ask({ code: 'x', redirect_uri: REDIRECT_URI, upstream_tokens: 'true' })).toMatchObject({
        status: 400,
        body: { error: 'unauthorized_client' },
      })
      expect(acme.asked).toEqual([])
    })
  })

  it('a provider that is away is told as that, and to try again', async () => {
    const code = await comeBack()
    acme.lies = { answers: { '/token': 'fail' } }
    const answer = await ask(code)
    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
    expect(answer.headers['retry-after']).toBe('5')
    expect(await auditOf('upstream.refused')).toEqual([
      { client_id: 'catalog', provider: 'acme', error: 'upstream-unavailable', reason: 'answers HTTP 503' },
    ])
  })

  it('a provider that lies gets nobody in', async () => {
    acme.lies = { idToken: { signedBy: 'another key' } }
    expect(await ask(await comeBack())).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })
})
