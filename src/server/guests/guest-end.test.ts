import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeStores } from '../store/test/open-test-stores.ts'
import { createDpopKey } from '../test/dpop-key.ts'
import { basicAuth, postToEndpoint, refresh, signInAsGuest, startGuest } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aConfidentialClient, aConfig, aGuestClient } from '../test/test-config.ts'
import { userinfo } from '../test/userinfo.ts'
import { askUpgrade } from './test/ask-upgrade.ts'

type Guest = Awaited<ReturnType<typeof startGuest>>

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

describeStores((openTestStore) => {
  let app: TestApp
  beforeAll(async () => {
    const clients = [aGuestClient(), aGuestClient({ client_id: 'other-shop' }), aConfidentialClient()]
    app = await startTestApp({ store: await openTestStore(), config: aConfig({ tenant: { clients } }) })
  })
  afterAll(() => app.close())

  const introspect = async (token: string) =>
    (await postToEndpoint(app, 'introspect', { token }, { headers: basicAuth() })).body
  const revoke = (token: string, fields: Record<string, string> = {}) =>
    postToEndpoint(app, 'revoke', { token, client_id: 'catalog', ...fields })

  const ends: [string, (guest: Guest) => Promise<unknown>][] = [
    ['whose refresh token was revoked (RFC 7009)', ({ refreshToken }) => revoke(refreshToken)],
    ['whose access token was revoked (RFC 7009)', ({ accessToken }) => revoke(accessToken)],
    ['who became a member', ({ refreshToken }) => signInAsGuest(app, refreshToken)],
  ]

  describe.each(ends)('a guest %s', (_what, end) => {
    it('is refused with every token they ever had, at once and everywhere', async () => {
      const guest = await startGuest(app)
      const renewed = await refresh(app, { token: guest.refreshToken })
      await end(guest)
      for (const token of [guest.refreshToken, renewed.body.refresh_token ?? '']) {
        expect(await refresh(app, { token })).toMatchObject(invalidGrant)
      }
      for (const token of [guest.accessToken, renewed.body.access_token ?? '']) {
        expect(await introspect(token)).toEqual({ active: false })
        expect(await askUpgrade(app, token)).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
        expect((await userinfo(app, token)).status).toBe(401)
      }
    })

    it('can still sign in, in a session of its own', async () => {
      const guest = await startGuest(app)
      await end(guest)
      const { status, body } = await signInAsGuest(app, guest.refreshToken)
      expect({ status, upgrade: body.guest_upgrade }).toEqual({ status: 200, upgrade: 'none' })
      expect(body.session_id).toMatch(/^[\w-]{20,}$/)
      expect(body.session_id).not.toBe(guest.sessionId)
    })
  })

  describe('a guest who lives', () => {
    it('is introspected as what they are (RFC 7662)', async () => {
      const key = await createDpopKey()
      const { accessToken, sessionId } = await startGuest(app, { key })
      const known = { active: true, client_id: 'catalog', scope: 'Browser', cnf: { jkt: key.thumbprint } }
      expect(await introspect(accessToken)).toMatchObject({ ...known, guest: true, session_id: sessionId })
    })

    it('is nobody userinfo could tell about', async () => {
      const { status, body } = await userinfo(app, (await startGuest(app)).accessToken)
      expect({ status, error: body.error }).toEqual({ status: 403, error: 'insufficient_scope' })
    })

    it('is not ended by another client, nor by the end of another guest', async () => {
      const guest = await startGuest(app)
      const neighbour = await startGuest(app)
      await revoke(neighbour.refreshToken)
      await revoke(neighbour.refreshToken)
      for (const token of [guest.refreshToken, guest.accessToken]) {
        expect((await revoke(token, { client_id: 'other-shop' })).status).toBe(200)
      }
      expect((await refresh(app, { token: guest.refreshToken })).status).toBe(200)
      expect((await introspect(guest.accessToken)).active).toBe(true)
    })
  })
})
