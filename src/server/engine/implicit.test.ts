import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { askUpgrade } from '../guests/test/ask-upgrade.ts'
import { aPkce, authorizeUrl, basicAuth, completeSignIn, postToEndpoint, refresh, startGuest } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser, TestResponse } from '../test/test-browser.ts'
import {
  aConfidentialClient,
  aConfig,
  aGuestClient,
  anImplicitClient,
  BEN,
  ISSUER,
  REDIRECT_URI,
} from '../test/test-config.ts'
import { userinfo } from '../test/userinfo.ts'

const WEB_ADDRESS = 'http://localhost:3003/'

let app: TestApp
beforeAll(async () => {
  const guestGrant = 'urn:portico:grant-type:guest'
  const visited = aGuestClient({
    grant_types: ['authorization_code', 'refresh_token', 'implicit', guestGrant],
    response_types: ['code', 'token', 'id_token'],
    consent: 'skip',
  })
  const atHome = anImplicitClient({ client_id: 'at-home', redirect_uris: [WEB_ADDRESS], consent: 'once' })
  const clients = [visited, aConfidentialClient(), anImplicitClient(), atHome]
  app = await startTestApp({ config: aConfig({ tenant: { clients } }) })
})
afterAll(() => app.close())

/** A request as the oldest apps send it: no scope values of OpenID, no nonce, no PKCE. */
const oldest = {
  client_id: 'legacy',
  redirect_uri: 'https://legacy.test/',
  response_type: 'token',
  scope: 'profile',
  nonce: null,
  code_challenge: null,
  code_challenge_method: null,
}
const withIdToken = { ...oldest, response_type: 'id_token token', scope: 'openid profile', nonce: 'nonce-of-the-app' }

const fragmentOf = ({ location }: TestResponse) =>
  Object.fromEntries(new URLSearchParams(location?.hash.slice(1))) as Record<string, string>

async function answer(
  overrides: Record<string, string | null> = oldest,
  { browser = app.browser(), person }: { browser?: TestBrowser; person?: typeof BEN } = {},
) {
  const url = authorizeUrl(aPkce(), overrides)
  const response = await completeSignIn(browser, await browser.get(url), person)
  return { browser, response, fragment: fragmentOf(response), accessToken: fragmentOf(response).access_token ?? '' }
}

const isAlive = async (accessToken: string) => {
  const { body } = await postToEndpoint(app, 'introspect', { token: accessToken }, { headers: basicAuth() })
  return body.active
}

describe('response_type=token', () => {
  it('gets an access token in the fragment and nothing beside what RFC 6749 section 4.2.2 and RFC 9207 name', async () => {
    const { response, fragment } = await answer()
    expect(response.location?.search).toBe('')
    expect(Object.keys(fragment).sort()).toEqual(['access_token', 'expires_in', 'iss', 'scope', 'state', 'token_type'])
    expect(fragment).toMatchObject({
      token_type: 'Bearer',
      expires_in: '600',
      scope: 'profile',
      state: 'state-of-the-app',
      iss: ISSUER,
    })
  })

  it('is an access token like any other, for a login of its own', async () => {
    const { accessToken } = await answer()
    const claims = decodeJwt(accessToken)
    expect(claims).toMatchObject({ client_id: 'legacy', roles: ['Shopper'], scope: 'profile', iss: ISSUER })
    const { body } = await postToEndpoint(app, 'introspect', { token: accessToken }, { headers: basicAuth() })
    expect(body).toMatchObject({ active: true, sid: claims.sid, session_id: claims.session_id })
  })

  it('without any scope stands for the name of the person (RFC 6749 section 3.3)', async () => {
    const { fragment } = await answer({ ...oldest, scope: null })
    expect(fragment.scope).toBe('profile')
  })

  it('with a role for scope gets that role, and not one that is not held', async () => {
    const held = await answer({ ...oldest, scope: 'MeAdmin' }, { person: BEN })
    expect(decodeJwt(held.accessToken).roles).toEqual(['MeAdmin'])
    const refused = await answer({ ...oldest, scope: 'MeAdmin' })
    expect(refused.fragment).toMatchObject({ error: 'invalid_scope', state: 'state-of-the-app', iss: ISSUER })
  })

  it('with openid still gets no ID token, but a token that userinfo takes', async () => {
    const { fragment, accessToken } = await answer({ ...oldest, scope: 'openid profile' })
    expect(fragment).not.toHaveProperty('id_token')
    expect(await userinfo(app, accessToken)).toMatchObject({ status: 200, body: { name: 'Ada Okafor' } })
  })

  it('is asked about like any other where consent is asked for', async () => {
    const { fragment } = await answer({ ...oldest, client_id: 'at-home', redirect_uri: WEB_ADDRESS })
    expect(fragment.access_token).toBeTruthy()
  })

  it('may be pushed first (RFC 9126)', async () => {
    const { client_id, redirect_uri, response_type, scope } = oldest
    const pushed = await postToEndpoint(app, 'par', { client_id, redirect_uri, response_type, scope })
    const query = new URLSearchParams({ client_id, request_uri: String(pushed.body.request_uri) })
    const browser = app.browser()
    const response = await completeSignIn(browser, await browser.get(`${ISSUER}/authorize?${query}`))
    expect(fragmentOf(response)).toMatchObject({ token_type: 'Bearer', scope: 'profile' })
  })

  it('is for clients that opted in; the refusal comes in the fragment too', async () => {
    const { response, fragment } = await answer({
      ...oldest,
      client_id: 'orders',
      redirect_uri: 'http://localhost:3002/callback',
    })
    expect(response.location?.search).toBe('')
    expect(fragment).toMatchObject({ error: 'invalid_request', state: 'state-of-the-app', iss: ISSUER })
  })

  it('answers prompt=none with login_required in the fragment', async () => {
    expect((await answer({ ...oldest, prompt: 'none' })).fragment).toMatchObject({ error: 'login_required' })
  })

  it('is in the metadata', async () => {
    const { body } = await app.browser().get('/demo/.well-known/openid-configuration')
    expect(JSON.parse(body)).toMatchObject({
      response_types_supported: expect.arrayContaining(['token', 'id_token token']),
      grant_types_supported: expect.arrayContaining(['implicit']),
    })
  })
})

describe('response_type=id_token token', () => {
  it('gets both tokens of one login, and no refresh token whatever is asked for', async () => {
    const { fragment, accessToken } = await answer({ ...withIdToken, scope: 'openid profile offline_access' })
    const { sid } = decodeJwt(accessToken)
    expect(decodeJwt(fragment.id_token ?? '')).toMatchObject({ sid, nonce: 'nonce-of-the-app', name: 'Ada Okafor' })
    expect(fragment).not.toHaveProperty('refresh_token')
    expect(fragment.iss).toBe(ISSUER)
    expect(await app.store.db.selectFrom('refresh_tokens').select('family_id').execute()).toEqual([])
  })

  it('answers every time with a login of its own', async () => {
    const first = await answer(withIdToken)
    const second = await answer(withIdToken, { browser: first.browser })
    expect(decodeJwt(second.accessToken).sid).not.toBe(decodeJwt(first.accessToken).sid)
    await postToEndpoint(app, 'revoke', { client_id: 'legacy', token: first.accessToken })
    expect([await isAlive(first.accessToken), await isAlive(second.accessToken)]).toEqual([false, true])
  })
})

test('an ID token alone starts a login too', async () => {
  const { fragment } = await answer({ ...withIdToken, response_type: 'id_token' })
  const { sid } = decodeJwt(fragment.id_token ?? '')
  const family = await app.store.db.selectFrom('families').selectAll().where('id', '=', String(sid)).executeTakeFirst()
  expect(family).toMatchObject({ client_id: 'legacy', ended_at: null })
})

describe('an access token of the implicit flow', () => {
  const listed = async () => {
    const { body } = await app.browser().get('/demo/revocations')
    return (decodeJwt(body).revocations as { sid: string }[]).map(({ sid }) => sid)
  }

  it('can be revoked by its client (RFC 7009), and is then on the list of ended logins', async () => {
    const { accessToken } = await answer()
    expect(await postToEndpoint(app, 'revoke', { client_id: 'legacy', token: accessToken })).toMatchObject({
      status: 200,
    })
    expect(await isAlive(accessToken)).toBe(false)
    await expect.poll(listed, { timeout: 3000 }).toContain(decodeJwt(accessToken).sid)
  })

  it('ends when the person signs out', async () => {
    const { browser, fragment, accessToken } = await answer(withIdToken)
    expect(await isAlive(accessToken)).toBe(true)
    await browser.open(`/demo/logout?id_token_hint=${fragment.id_token}`)
    expect(await isAlive(accessToken)).toBe(false)
  })
})

describe('a guest who signs in by the implicit flow', () => {
  async function signIn(guestToken: string, overrides: Record<string, string> = {}, browser = app.browser()) {
    const request = { client_id: 'catalog', redirect_uri: REDIRECT_URI, response_type: 'token', scope: 'profile' }
    const pushed = await postToEndpoint(app, 'par', { ...request, guest_token: guestToken, ...overrides })
    const query = new URLSearchParams({ client_id: 'catalog', request_uri: String(pushed.body.request_uri) })
    return { browser, start: await browser.get(`${ISSUER}/authorize?${query}`) }
  }
  const finish = async ({ browser, start }: Awaited<ReturnType<typeof signIn>>) =>
    fragmentOf(await completeSignIn(browser, start))

  it('starts a session of their own: nothing shows that the guest is theirs, who only followed a link', async () => {
    const guest = await startGuest(app)
    const { access_token = '' } = await finish(await signIn(guest.refreshToken))
    expect(decodeJwt(access_token)).toMatchObject({ session_id: expect.any(String), roles: ['Shopper'] })
    expect(decodeJwt(access_token).session_id).not.toBe(guest.sessionId)
    expect((await refresh(app, { token: guest.refreshToken })).status).toBe(200)
    expect((await askUpgrade(app, access_token)).body).toMatchObject({ status: 'none' })
  })

  it('starts one with an ID token alone too', async () => {
    const guest = await startGuest(app)
    const nonce = 'nonce-of-the-app'
    const begun = await signIn(guest.refreshToken, { response_type: 'id_token', scope: 'openid profile', nonce })
    expect((await finish(begun)).id_token).toBeTruthy()
    expect((await refresh(app, { token: guest.refreshToken })).status).toBe(200)
  })
})
