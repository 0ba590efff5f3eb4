import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDpopKey } from '../test/dpop-key.ts'
import { aPkce, authorizeUrl, completeSignIn, redeem, refresh, signedIn } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { pageStateOf } from '../test/test-browser.ts'
import { AUDIENCE, ISSUER, REDIRECT_URI } from '../test/test-config.ts'

describe('a sign-in with code and PKCE', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.close())

  it('asks for a password, then for consent, then goes back to the app with code, state and iss (RFC 9207)', async () => {
    const browser = app.browser()
    const pkce = aPkce()
    const signIn = await browser.open(authorizeUrl(pkce))
    expect(pageStateOf(signIn)).toMatchObject({
      page: 'sign-in',
      client: { name: 'Catalog' },
      tenant: { name: 'Demo Store' },
    })
    const answer = await completeSignIn(browser, signIn)
    expect(answer.status).toBe(303)
    expect(answer.location?.href.startsWith(`${REDIRECT_URI}?`)).toBe(true)
    expect(answer.location?.searchParams.get('state')).toBe('state-of-the-app')
    expect(answer.location?.searchParams.get('iss')).toBe(ISSUER)
  })

  it('answers the code with an RFC 9068 access token, an ID token and a refresh token', async () => {
    const { answer, accessToken, idToken } = await signedIn(app)
    expect(decodeProtectedHeader(accessToken)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' })
    const claims = decodeJwt(accessToken)
    expect(claims).toMatchObject({
      iss: ISSUER,
      aud: AUDIENCE,
      client_id: 'catalog',
      roles: ['Shopper'],
      sid: expect.any(String),
    })
    expect(decodeJwt(idToken)).toMatchObject({
      iss: ISSUER,
      aud: 'catalog',
      sub: claims.sub,
      nonce: 'nonce-of-the-app',
      sid: claims.sid,
      name: 'Ada Okafor',
    })
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 600, session_id: claims.session_id })
  })

  it('refreshes', async () => {
    const key = await createDpopKey()
    const { refreshToken } = await signedIn(app, { key })
    const renewed = await refresh(app, { token: refreshToken, key })
    expect(renewed.body).toMatchObject({
      token_type: 'DPoP',
      access_token: expect.any(String),
      refresh_token: expect.any(String),
    })
    expect(renewed.body.refresh_token).not.toBe(refreshToken)
  })

  it('refuses a code a second time', async () => {
    const { code, pkce } = await signedIn(app)
    expect(await redeem(app, { code, pkce })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })
})
