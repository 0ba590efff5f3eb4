import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDpopKey } from '../test/dpop-key.ts'
import { basicAuth, postToEndpoint, refresh, signedIn, type TokenResponse } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { APP_ORIGIN, ISSUER } from '../test/test-config.ts'
import { userinfo } from '../test/userinfo.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const revoke = (token: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  postToEndpoint(app, 'revoke', { token, client_id: 'catalog', ...fields }, { headers })

function expectAccepted({ status, headers, body }: TokenResponse): void {
  expect(status).toBe(200)
  expect(headers['content-type']).toMatch(/^application\/json/)
  expect(body).toEqual({})
}

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

describe('revocation (RFC 7009)', () => {
  it('of a refresh token ends its login, access tokens too (section 2.1)', async () => {
    const { refreshToken, accessToken } = await signedIn(app)
    expectAccepted(await revoke(refreshToken))
    expect(await refresh(app, { token: refreshToken })).toMatchObject(invalidGrant)
    expect((await userinfo(app, accessToken)).status).toBe(401)
  })

  it('ends that login only', async () => {
    const first = await signedIn(app)
    const sameBrowser = await signedIn(app, { browser: first.browser })
    const otherDevice = await signedIn(app)
    await revoke(first.refreshToken)
    for (const { refreshToken } of [sameBrowser, otherDevice]) {
      expect((await refresh(app, { token: refreshToken })).status).toBe(200)
    }
  })

  it('ends the login also by a renewed token, and needs no DPoP proof', async () => {
    const key = await createDpopKey()
    const { refreshToken } = await signedIn(app, { key })
    const renewed = String((await refresh(app, { token: refreshToken, key })).body.refresh_token)
    expectAccepted(await revoke(renewed))
    for (const token of [refreshToken, renewed]) expect(await refresh(app, { token, key })).toMatchObject(invalidGrant)
  })

  it.each(['refresh_token', 'access_token', 'nonsense'])('takes the hint %s for a hint (section 2.1)', async (hint) => {
    const { refreshToken } = await signedIn(app)
    expectAccepted(await revoke(refreshToken, { token_type_hint: hint }))
    expect(await refresh(app, { token: refreshToken })).toMatchObject(invalidGrant)
  })

  it('of an unknown token, or one that has ended, succeeds with the same JSON (section 2.2)', async () => {
    const { refreshToken } = await signedIn(app)
    for (const token of ['unknown', refreshToken, refreshToken]) expectAccepted(await revoke(token))
  })

  it('by another client ends nothing (section 2.1)', async () => {
    const { refreshToken } = await signedIn(app)
    expectAccepted(await revoke(refreshToken, { client_id: 'orders' }, basicAuth()))
    expect((await refresh(app, { token: refreshToken })).status).toBe(200)
  })

  it("may be asked for by the app's own page", async () => {
    const { headers } = await revoke('unknown', {}, { origin: APP_ORIGIN })
    expect(headers['access-control-allow-origin']).toBe(APP_ORIGIN)
  })

  it('without a token says what is missing', async () => {
    const answer = await revoke('')
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
  })

  it('by GET is refused', async () => {
    const { refreshToken } = await signedIn(app)
    const url = `/demo/revoke?client_id=catalog&token=${refreshToken}`
    const response = await app.server.inject({ method: 'GET', url, headers: { host: new URL(ISSUER).host } })
    expect(response.statusCode).toBe(405)
    expect((await refresh(app, { token: refreshToken })).status).toBe(200)
  })
})
