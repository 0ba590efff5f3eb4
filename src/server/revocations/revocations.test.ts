import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { basicAuth, postToEndpoint, refresh, signedIn, signInAsGuest, startGuest } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { ISSUER } from '../test/test-config.ts'

describe('the revocation list', () => {
  let app: TestApp
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    app = await startTestApp()
  })
  afterAll(async () => {
    vi.useRealTimers()
    await app.close()
  })

  const get = (headers: Record<string, string> = {}) => app.browser().get(`${ISSUER}/revocations`, headers)

  /** Verified as an API would, with the published keys. */
  async function list(): Promise<{ sid: string; until: number }[]> {
    vi.setSystemTime(Date.now() + 1500)
    const keys = createLocalJWKSet(JSON.parse((await app.browser().get(`${ISSUER}/jwks`)).body))
    const { payload } = await jwtVerify((await get()).body, keys, {
      issuer: ISSUER,
      typ: 'revocations+jwt',
      algorithms: ['ES256'],
    })
    return payload.revocations as { sid: string; until: number }[]
  }

  const revoke = (token: string) => postToEndpoint(app, 'revoke', { token, client_id: 'catalog' })

  it('names a login from its end until its last access token has ended', async () => {
    const { accessToken, refreshToken } = await signedIn(app)
    const { sid } = decodeJwt(accessToken)
    expect((await list()).map((entry) => entry.sid)).not.toContain(sid)
    await revoke(refreshToken)
    const entry = (await list()).find((one) => one.sid === sid)
    expect(entry?.until).toBeGreaterThanOrEqual(decodeJwt(accessToken).exp ?? Number.NaN)
    vi.setSystemTime(((entry?.until ?? 0) + 1) * 1000)
    expect((await list()).map((one) => one.sid)).not.toContain(sid)
  })

  it('names a guest who became a member', async () => {
    const guest = await startGuest(app)
    await signInAsGuest(app, guest.refreshToken)
    expect((await list()).map(({ sid }) => sid)).toContain(decodeJwt(guest.accessToken).sub)
  })

  it('is answered with 304 while nothing changed, and may be kept for five seconds', async () => {
    const first = await get()
    expect(first.headers['cache-control']).toBe('public, max-age=5')
    expect((await get({ 'if-none-match': String(first.headers.etag) })).status).toBe(304)
    const { refreshToken } = await signedIn(app)
    await revoke(refreshToken)
    vi.setSystemTime(Date.now() + 1500)
    expect((await get({ 'if-none-match': String(first.headers.etag) })).status).toBe(200)
  })

  it('may be read by any page', async () => {
    expect((await get({ origin: 'https://anywhere.test' })).headers['access-control-allow-origin']).toBe('*')
  })
})

describe('an access token of ours', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.close())

  const introspect = (token: string) => postToEndpoint(app, 'introspect', { token }, { headers: basicAuth() })

  it('is introspected with its audience, roles and login (RFC 7662)', async () => {
    const { accessToken } = await signedIn(app)
    const { sid, sub, session_id, aud } = decodeJwt(accessToken)
    const { body } = await introspect(accessToken)
    expect(body).toMatchObject({
      active: true,
      sid,
      sub,
      session_id,
      aud,
      client_id: 'catalog',
      roles: ['Shopper'],
      token_type: 'Bearer',
    })
  })

  it('is revoked together with its login (RFC 7009)', async () => {
    const { accessToken, refreshToken } = await signedIn(app)
    expect(await postToEndpoint(app, 'revoke', { token: accessToken, client_id: 'catalog' })).toMatchObject({
      status: 200,
      body: {},
    })
    expect((await introspect(accessToken)).body).toEqual({ active: false })
    expect(await refresh(app, { token: refreshToken })).toMatchObject({ body: { error: 'invalid_grant' } })
  })

  it("of another client is left alone by revocation, and the answer doesn't tell", async () => {
    const { accessToken } = await signedIn(app)
    expect(await postToEndpoint(app, 'revoke', { token: accessToken }, { headers: basicAuth() })).toMatchObject({
      status: 200,
      body: {},
    })
    expect((await introspect(accessToken)).body.active).toBe(true)
  })

  it('of a guest is introspected as one, and no more once the guest is a member', async () => {
    const guest = await startGuest(app)
    expect((await introspect(guest.accessToken)).body).toMatchObject({
      active: true,
      guest: true,
      session_id: guest.sessionId,
    })
    await signInAsGuest(app, guest.refreshToken)
    expect((await introspect(guest.accessToken)).body).toEqual({ active: false })
    expect(await refresh(app, { token: guest.refreshToken })).toMatchObject({ body: { error: 'invalid_grant' } })
  })
})
