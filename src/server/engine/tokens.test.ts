import { createHash } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDpopKey } from '../test/dpop-key.ts'
import { aPkce, authorizeUrl, completeSignIn, redeem, refresh, signedIn } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { AUDIENCE, ISSUER } from '../test/test-config.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

describe('what must not be guessed', () => {
  it('holds at least 160 bits: codes, refresh tokens and the ids of access tokens (RFC 6749 section 10.10)', async () => {
    const { code, refreshToken, accessToken } = await signedIn(app)
    for (const value of [code, refreshToken, String(decodeJwt(accessToken).jti)]) {
      expect(value).toMatch(/^[\w-]+$/)
      // Six bits a character.
      expect(value.length * 6).toBeGreaterThanOrEqual(160)
    }
  })

  it('never comes twice, and no part of it stands still', async () => {
    const logins = await Promise.all(Array.from({ length: 12 }, () => signedIn(app)))
    const kinds = [
      logins.map(({ code }) => code),
      logins.map(({ refreshToken }) => refreshToken),
      logins.map(({ accessToken }) => String(decodeJwt(accessToken).jti)),
      logins.map(({ accessToken }) => String(decodeJwt(accessToken).sid)),
    ]
    for (const values of kinds) {
      expect(new Set(values).size).toBe(values.length)
      for (let position = 0; position < 43; position++) {
        expect(new Set(values.map((value) => value[position])).size).toBeGreaterThan(1)
      }
    }
  })
})

describe('an access token (RFC 9068 section 2)', () => {
  it('is an at+jwt that names who made it, for what, for whom, by which client and for how long', async () => {
    const { accessToken, answer } = await signedIn(app)
    expect(decodeProtectedHeader(accessToken)).toMatchObject({ typ: 'at+jwt', alg: 'ES256', kid: expect.any(String) })
    const claims = decodeJwt(accessToken)
    expect(claims).toMatchObject({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: expect.any(String),
      client_id: 'catalog',
      jti: expect.any(String),
      scope: 'openid profile',
      roles: ['Shopper'],
      sid: expect.any(String),
      session_id: answer.session_id,
    })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(600)
    expect(claims).not.toHaveProperty('cnf')
  })

  it('tells nothing personal', async () => {
    const { accessToken } = await signedIn(app, { overrides: { scope: 'openid profile email' } })
    const values = Object.values(decodeJwt(accessToken)).map(String)
    for (const value of ['ada', 'Ada Okafor', 'ada@demo.test']) expect(values).not.toContain(value)
  })

  it('is bound to the key of the request (RFC 9449 section 6)', async () => {
    const key = await createDpopKey()
    const { accessToken, answer } = await signedIn(app, { key })
    expect(answer.token_type).toBe('DPoP')
    expect(decodeJwt(accessToken).cnf).toEqual({ jkt: key.thumbprint })
  })

  it('keeps subject, audience, sid and session_id when it is renewed', async () => {
    const { accessToken, refreshToken } = await signedIn(app)
    const { body } = await refresh(app, { token: refreshToken })
    const names = ['iss', 'aud', 'sub', 'client_id', 'sid', 'session_id', 'roles', 'scope'] as const
    const before = decodeJwt(accessToken)
    const after = decodeJwt(body.access_token ?? '')
    for (const name of names) expect(after[name]).toEqual(before[name])
    expect(after.jti).not.toBe(before.jti)
  })
})

describe('an ID token (OpenID Connect Core section 2)', () => {
  it('verifies against the published keys', async () => {
    const { idToken } = await signedIn(app)
    const { payload, protectedHeader } = await jwtVerify(idToken, await publishedKeys(), {
      issuer: ISSUER,
      audience: 'catalog',
    })
    expect(protectedHeader).toMatchObject({ alg: 'ES256', kid: expect.any(String) })
    expect(protectedHeader.typ).not.toBe('at+jwt')
    expect(payload).toMatchObject({
      iss: ISSUER,
      sub: expect.any(String),
      aud: 'catalog',
      exp: expect.any(Number),
      iat: expect.any(Number),
      nonce: 'nonce-of-the-app',
      auth_time: expect.any(Number),
      amr: ['pwd'],
      sid: expect.any(String),
    })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(600)
  })

  it('holds no personal claim that was not asked for', async () => {
    const { idToken } = await signedIn(app, { overrides: { scope: 'openid' } })
    expect(Object.keys(decodeJwt(idToken)).sort()).toEqual(
      ['amr', 'aud', 'auth_time', 'exp', 'iat', 'iss', 'nonce', 'sid', 'sub'].sort(),
    )
  })

  it('holds those that were', async () => {
    const { idToken } = await signedIn(app, { overrides: { scope: 'openid profile email' } })
    expect(decodeJwt(idToken)).toMatchObject({
      name: 'Ada Okafor',
      preferred_username: 'ada',
      email: 'ada@demo.test',
      email_verified: true,
    })
  })

  it('has no nonce where the app sent none', async () => {
    const { idToken } = await signedIn(app, { overrides: { nonce: null } })
    expect(decodeJwt(idToken)).not.toHaveProperty('nonce')
  })

  it('from the front channel ties the access token beside it with at_hash (section 3.2.2.10)', async () => {
    const browser = app.browser()
    const overrides = {
      client_id: 'legacy',
      redirect_uri: 'https://legacy.test/',
      response_type: 'id_token token',
      code_challenge: null,
      code_challenge_method: null,
    }
    const answer = await completeSignIn(browser, await browser.get(authorizeUrl(aPkce(), overrides)))
    const fragment = new URLSearchParams(answer.location?.hash.slice(1))
    const claims = decodeJwt(fragment.get('id_token') ?? '')
    expect(claims).toMatchObject({ nonce: 'nonce-of-the-app', aud: 'legacy' })
    expect(claims.at_hash).toBe(leftHalfHash(fragment.get('access_token') ?? ''))
    expect(fragment.has('refresh_token')).toBe(false)
  })

  it('is renewed with the same subject and auth_time, without the nonce (section 12.2)', async () => {
    const { idToken, refreshToken } = await signedIn(app)
    const { body } = await refresh(app, { token: refreshToken })
    const { sub, auth_time, sid } = decodeJwt(idToken)
    const renewed = decodeJwt(body.id_token ?? '')
    expect(renewed).toMatchObject({ sub, auth_time, sid, aud: 'catalog', iss: ISSUER })
    expect(renewed).not.toHaveProperty('nonce')
  })
})

describe('the subject', () => {
  it('stays the same when e-mail, name and username change', async () => {
    const { accessToken, idToken } = await signedIn(app)
    const { sub = '' } = decodeJwt(accessToken)
    expect(decodeJwt(idToken).sub).toBe(sub)
    const change = (values: { email: string; name: string }) =>
      app.store.db.updateTable('users').set(values).where('id', '=', sub).execute()
    await change({ email: 'other@demo.test', name: 'Another Name' })
    const again = await signedIn(app, { overrides: { scope: 'openid profile email' } })
    await change({ email: 'ada@demo.test', name: 'Ada Okafor' })
    expect(decodeJwt(again.idToken)).toMatchObject({ sub, email: 'other@demo.test' })
  })

  it('is never given to somebody else: who gets a name that was free again is another', async () => {
    const first = await startTestApp()
    const before = decodeJwt((await signedIn(first)).accessToken).sub ?? ''
    await first.store.db.deleteFrom('users').where('id', '=', before).execute()
    const second = await startTestApp({ store: first.store })
    const after = decodeJwt((await signedIn(second)).accessToken).sub
    await second.close()
    await first.close()
    expect(after).not.toBe(before)
    expect(before).not.toMatch(/ada/i)
  })

  it('is the same at every client', async () => {
    const browser = app.browser()
    const { accessToken } = await signedIn(app, { browser })
    const pkce = aPkce()
    const overrides = { client_id: 'legacy', redirect_uri: 'https://legacy.test/', response_type: 'id_token' }
    const url = authorizeUrl(pkce, { ...overrides, code_challenge: null, code_challenge_method: null })
    const answer = await browser.follow(await browser.get(url))
    const idToken = new URLSearchParams(answer.location?.hash.slice(1)).get('id_token') ?? ''
    expect(decodeJwt(idToken).sub).toBe(decodeJwt(accessToken).sub)
  })
})

it('a code alone says nothing about the person', async () => {
  const { code, pkce } = await signedIn(app)
  expect(() => decodeJwt(code)).toThrow()
  expect((await redeem(app, { code, pkce })).status).toBe(400)
})

async function publishedKeys() {
  const response = await app.server.inject({
    method: 'GET',
    url: '/demo/jwks',
    headers: { host: new URL(ISSUER).host },
  })
  return createLocalJWKSet(response.json())
}

/** The left half of a SHA-256, base64url. */
function leftHalfHash(value: string): string {
  return createHash('sha256').update(value).digest().subarray(0, 16).toString('base64url')
}
