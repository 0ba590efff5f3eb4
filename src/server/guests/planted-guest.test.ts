import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeStores } from '../store/test/open-test-stores.ts'
import { createDpopKey } from '../test/dpop-key.ts'
import { aPkce, basicAuth, postToEndpoint, pushRequest, refresh, signInAsGuest, startGuest } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { BEN, ISSUER } from '../test/test-config.ts'
import { userinfo } from '../test/userinfo.ts'
import { askUpgrade } from './test/ask-upgrade.ts'

/**
 * An attacker becomes a guest and gets its tokens into somebody else's browser, which takes them for its own and signs
 * in with them.
 */
describeStores((openTestStore) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp({ store: await openTestStore() })
  })
  afterAll(() => app.close())

  async function plant() {
    const attacker = await startGuest(app)
    const renewed = await refresh(app, { token: attacker.refreshToken })
    const victim = await signInAsGuest(app, attacker.refreshToken)
    expect(victim.body).toMatchObject({ session_id: attacker.sessionId, guest_upgrade: 'pending' })
    return {
      victim: victim.body,
      sessionId: attacker.sessionId,
      guestTokens: {
        access: [attacker.accessToken, renewed.body.access_token ?? ''],
        refresh: [attacker.refreshToken, renewed.body.refresh_token ?? ''],
      },
    }
  }

  describe('whoever planted a guest that has signed in since', () => {
    it('gets no token any more', async () => {
      const { guestTokens } = await plant()
      for (const token of guestTokens.refresh) {
        const refused = await refresh(app, { token })
        expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
        expect(Object.keys(refused.body).toSorted()).toEqual(['error', 'error_description'])
        // Nor by taking a key along.
        expect((await refresh(app, { token, key: await createDpopKey() })).status).toBe(400)
      }
    })

    it('learns nothing about the member', async () => {
      const { guestTokens, victim } = await plant()
      const { sub } = decodeJwt(victim.access_token ?? '')
      for (const token of [...guestTokens.access, ...guestTokens.refresh]) {
        const introspected = await postToEndpoint(app, 'introspect', { token }, { headers: basicAuth() })
        const answers = [introspected, await userinfo(app, token), await askUpgrade(app, token)]
        expect(answers.map(({ status }) => status)).toEqual([200, 401, 401])
        expect(introspected.body).toEqual({ active: false })
        for (const { body } of answers) expect(JSON.stringify(body)).not.toMatch(new RegExp(`${sub}|[Aa]da|Shopper`))
      }
    })

    it('cannot come back into the session by a sign-in of their own', async () => {
      const { guestTokens, sessionId } = await plant()
      for (const token of guestTokens.refresh) {
        const own = await signInAsGuest(app, token, { person: BEN })
        expect(own.body.guest_upgrade).toBe('none')
        expect(own.body.session_id).not.toBe(sessionId)
      }
      expect((await pushRequest(app, aPkce(), { fields: { session_id: sessionId } })).status).toBe(400)
    })

    it('cannot end what the member has', async () => {
      const { guestTokens, victim } = await plant()
      for (const token of [...guestTokens.refresh, ...guestTokens.access]) {
        expect((await postToEndpoint(app, 'revoke', { token, client_id: 'catalog' })).status).toBe(200)
      }
      expect((await userinfo(app, victim.access_token ?? '')).status).toBe(200)
      expect((await refresh(app, { token: victim.refresh_token ?? '' })).status).toBe(200)
    })

    it('is named by the revocation list to every API that follows it', async () => {
      const { guestTokens } = await plant()
      const list = await app.browser().get(`${ISSUER}/revocations`)
      const { revocations } = decodeJwt<{ revocations: { sid: string; until: number }[] }>(list.body)
      for (const token of guestTokens.access) {
        const { sid, exp = 0 } = decodeJwt(token)
        expect(revocations.find((entry) => entry.sid === sid)?.until).toBeGreaterThanOrEqual(exp)
      }
    })
  })

  it('a guest bound to the key of whoever planted it comes along with nobody else', async () => {
    const attackersKey = await createDpopKey()
    const attacker = await startGuest(app, { key: attackersKey })
    const victim = await signInAsGuest(app, attacker.refreshToken, { key: await createDpopKey() })
    expect(victim.body.guest_upgrade).toBe('none')
    expect(victim.body.session_id).not.toBe(attacker.sessionId)
  })
})
