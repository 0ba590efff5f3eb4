import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDpopKey } from '../test/dpop-key.ts'
import { refresh, signInAsGuest, startGuest } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { BEN, ISSUER } from '../test/test-config.ts'

describe('a guest who signs in', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.close())

  it('keeps the session id and nothing else', async () => {
    const key = await createDpopKey()
    const guest = await startGuest(app, { key, fields: { anonuserid: 'beacon-1' } })
    expect(decodeJwt(guest.accessToken)).toMatchObject({
      guest: true,
      session_id: guest.sessionId,
      roles: ['Browser'],
      anonuserid: 'beacon-1',
      cnf: { jkt: key.thumbprint },
    })
    const member = await signInAsGuest(app, guest.refreshToken, { key })
    expect(member.body).toMatchObject({ session_id: guest.sessionId, guest_upgrade: 'pending' })
    const claims = decodeJwt(String(member.body.access_token))
    expect(claims).toMatchObject({ session_id: guest.sessionId, roles: ['Shopper'] })
    expect(claims.guest).toBeUndefined()
    expect(claims.sub).not.toBe(decodeJwt(guest.accessToken).sub)
  })

  it('is no guest any more: the old refresh token is refused at once', async () => {
    const guest = await startGuest(app)
    await signInAsGuest(app, guest.refreshToken)
    expect(await refresh(app, { token: guest.refreshToken })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
  })

  it('was one person: a second sign-in with the same guest gets a session of its own', async () => {
    const guest = await startGuest(app)
    await signInAsGuest(app, guest.refreshToken)
    const second = await signInAsGuest(app, guest.refreshToken, { person: BEN })
    expect(second.body).toMatchObject({ guest_upgrade: 'none', session_id: expect.any(String) })
    expect(second.body.session_id).not.toBe(guest.sessionId)
  })

  it('learns at /me/upgrade how far the news got', async () => {
    const guest = await startGuest(app)
    const { body } = await signInAsGuest(app, guest.refreshToken)
    const answer = await app.browser().get(`${ISSUER}/me/upgrade`, { authorization: `Bearer ${body.access_token}` })
    expect(JSON.parse(answer.body)).toEqual({ status: 'done' })
  })
})
