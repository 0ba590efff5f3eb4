import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { describeStores } from '../../store/test/open-test-stores.ts'
import { postToEndpoint, startGuest, type TokenResponse } from '../../test/flows.ts'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { AUDIENCE, aConfig, aGuestClient } from '../../test/test-config.ts'
import { userinfo } from '../../test/userinfo.ts'
import { startUpstream, type UpstreamServer } from '../../upstream/test/upstream-server.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
const TYPE = 'urn:ietf:params:oauth:token-type:'
const THEIR_AUDIENCE = 'https://api.acme.test'

describeStores((openTestStore) => {
  let acme: UpstreamServer
  let away: UpstreamServer
  let app: TestApp
  beforeAll(async () => {
    ;[acme, away] = [await startUpstream(), await startUpstream()]
    const exchange = (server: UpstreamServer, overrides = {}) => ({
      name: 'acme',
      flow: 'exchange',
      issuer: server.issuer,
      audience: THEIR_AUDIENCE,
      authorized_parties: ['their-shop'],
      provision: true,
      roles: ['Shopper'],
      ...overrides,
    })
    const upstream = [exchange(acme), exchange(away, { name: 'away' })]
    const grant_types = [GRANT, 'refresh_token', 'urn:portico:grant-type:guest']
    const clients = [aGuestClient({ grant_types }), aGuestClient({ client_id: 'without' })]
    app = await startTestApp({ store: await openTestStore(), config: aConfig({ tenant: { clients, upstream } }) })
  })
  afterAll(async () => {
    await app.close()
    await acme.close()
    await away.close()
  })
  afterEach(async () => {
    await app.store.db.deleteFrom('audit').execute()
  })

  const now = () => Math.floor(Date.now() / 1000)
  const theirClaims = (overrides: Record<string, unknown> = {}) => ({
    iss: acme.issuer,
    sub: 'cleo',
    aud: THEIR_AUDIENCE,
    azp: 'their-shop',
    iat: now(),
    exp: now() + 300,
    email: 'cleo@acme.test',
    email_verified: true,
    ...overrides,
  })

  function theirToken(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
    const { privateKey, kid } = acme.keys
    return new SignJWT(theirClaims(claims)).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(privateKey)
  }

  type Fields = Record<string, string>
  const exchange = (token: string, fields: Fields = {}): Promise<TokenResponse> =>
    postToEndpoint(app, 'token', {
      grant_type: GRANT,
      client_id: 'catalog',
      subject_token: token,
      subject_token_type: `${TYPE}jwt`,
      ...fields,
    })
  const claimsOf = ({ body }: TokenResponse) => decodeJwt(body.access_token ?? '')

  describe('a provider’s token (RFC 8693)', () => {
    it('is exchanged for tokens of ours', async () => {
      const answer = await exchange(await theirToken(), { scope: 'openid email' })
      expect(answer).toMatchObject({
        status: 200,
        body: {
          issued_token_type: `${TYPE}access_token`,
          token_type: 'Bearer',
          scope: 'openid email',
          session_id: expect.any(String),
          refresh_token: expect.any(String),
        },
      })
      expect(claimsOf(answer)).toMatchObject({ aud: AUDIENCE, client_id: 'catalog', roles: ['Shopper'] })
      expect(await userinfo(app, answer.body.access_token ?? '')).toMatchObject({ body: { email: 'cleo@acme.test' } })
      const [row] = await app.store.db
        .selectFrom('audit')
        .selectAll()
        .where('event', '=', 'sign-in.succeeded')
        .execute()
      expect(JSON.parse(row?.detail ?? '')).toEqual({ flow: 'token-exchange', provider: 'acme' })
    })

    it.each(['jwt', 'access_token', 'id_token'])('may be called %s', async (type) => {
      expect(await exchange(await theirToken(), { subject_token_type: TYPE + type })).toMatchObject({ status: 200 })
    })

    it('is the same person’s each time', async () => {
      const [one, two] = [await exchange(await theirToken()), await exchange(await theirToken())]
      expect(claimsOf(two).sub).toBe(claimsOf(one).sub)
    })

    it('takes the guest along', async () => {
      const guest = await startGuest(app)
      const answer = await exchange(await theirToken(), { guest_token: guest.refreshToken })
      expect(answer.body).toMatchObject({ session_id: guest.sessionId, guest_upgrade: 'pending' })
    })

    it('gives nothing that its person, or the app, may not have here, whatever it says', async () => {
      const wide = await theirToken({
        scope: 'MeAdmin portico:admin',
        roles: ['MeAdmin'],
        aud: [THEIR_AUDIENCE, AUDIENCE],
      })
      expect(claimsOf(await exchange(wide)).roles).toEqual(['Shopper'])
      expect(await exchange(wide, { scope: 'MeAdmin' })).toMatchObject({ body: { error: 'invalid_scope' } })
    })
  })

  describe('is refused', () => {
    it.each<[string, Record<string, unknown>]>([
      ['of another issuer', { iss: 'https://id.other.test' }],
      ['for another audience', { aud: 'https://api.other.test' }],
      ['without an audience', { aud: undefined }],
      ['that has ended', { exp: 1 }],
      ['that never ends', { exp: undefined }],
      ['that isn’t good yet', { nbf: 4_102_444_800 }],
      ['of another party', { azp: 'their-other-shop' }],
      ['of nobody in particular', { azp: undefined }],
      ['of another party (RFC 9068)', { azp: undefined, client_id: 'their-other-shop' }],
      ['without a subject', { sub: undefined }],
      ['with a subject that isn’t text', { sub: 7 }],
      ['with a zero byte in its subject', { sub: 'cleo\u0000' }],
      ['bound to a key (RFC 7800)', { cnf: { jkt: 'x' } }],
      ['of somebody who acts for another', { act: { sub: 'somebody' } }],
    ])('a token %s', async (_what, claims) => {
      const answer = await exchange(await theirToken(claims), { provider: 'acme' })
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      expect(answer.body).not.toHaveProperty('access_token')
      const [row] = await app.store.db.selectFrom('audit').selectAll().where('event', '=', 'upstream.refused').execute()
      expect(JSON.parse(row?.detail ?? '')).toMatchObject({ provider: 'acme', error: 'upstream-failed' })
    })

    it.each<[string, (claims: Record<string, unknown>) => Promise<string> | string]>([
      ['nobody', (claims) => new UnsecuredJWT(claims).encode()],
      ['a secret', (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.alloc(32, 1))],
      [
        'another key that calls itself the provider’s',
        (claims) =>
          new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: acme.keys.kid }).sign(away.keys.privateKey),
      ],
      [
        'a key of the provider’s, but by another algorithm',
        (claims) =>
          new SignJWT(claims)
            .setProtectedHeader({ alg: 'ES256', kid: acme.keys.es256.kid })
            .sign(acme.keys.es256.privateKey),
      ],
      [
        'the key it brings along',
        (claims) =>
          new SignJWT(claims)
            .setProtectedHeader({ alg: 'RS256', jku: `${away.issuer}/jwks`, kid: 'unknown' })
            .sign(away.keys.privateKey),
      ],
    ])('a token signed by %s', async (_who, sign) => {
      away.asked.length = 0
      expect(await exchange(await sign(theirClaims()))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      expect(away.asked).toEqual([])
    })

    it.each(['logout+jwt', 'secevent+jwt', 'dpop+jwt'])('a token of the type %s', async (typ) => {
      expect(await exchange(await theirToken({}, { typ }))).toMatchObject({ status: 400 })
      expect(await exchange(await theirToken({}, { typ: 'at+jwt' }))).toMatchObject({ status: 200 })
    })

    it.each<[string, Fields]>([
      ['a provider that isn’t configured', { provider: 'nobody' }],
      ['a token of no provider here', { subject_token: 'a.b.c' }],
      ['no token', { subject_token: '' }],
      ['no token type', { subject_token_type: '' }],
      ['a SAML assertion', { subject_token_type: `${TYPE}saml2` }],
      ['another kind of token wanted', { requested_token_type: `${TYPE}saml2` }],
      ['an actor', { actor_token: 'x' }],
    ])('%s, as a mistake in the request', async (_what, fields) => {
      expect(await exchange(await theirToken(), fields)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      })
    })

    it('another audience than ours', async () => {
      expect(await exchange(await theirToken(), { audience: AUDIENCE })).toMatchObject({ status: 200 })
      for (const name of ['audience', 'resource']) {
        expect(await exchange(await theirToken(), { [name]: THEIR_AUDIENCE })).toMatchObject({
          status: 400,
          body: { error: 'invalid_target' },
        })
      }
    })

    it('a client that doesn’t hold the grant', async () => {
      expect(await exchange(await theirToken(), { client_id: 'without' })).toMatchObject({
        body: { error: 'unauthorized_client' },
      })
    })

    it('a token of its own', async () => {
      const { body } = await exchange(await theirToken())
      expect(await exchange(body.access_token ?? '')).toMatchObject({ status: 400 })
      expect(await exchange(body.access_token ?? '', { provider: 'acme' })).toMatchObject({ status: 400 })
    })
  })

  it('a provider that is away is told as that', async () => {
    away.lies = { answers: { '/.well-known/openid-configuration': 'fail' } }
    const answer = await exchange(await theirToken({ iss: away.issuer }))
    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
    expect(answer.headers['retry-after']).toBe('5')
  })
})
