import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { answer, startReceiver, type TestReceiver, until } from '../events/test/receiver.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import { createDpopKey } from '../test/dpop-key.ts'
import { postToEndpoint, refresh, signedIn, signInAsGuest, startGuest } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { APP_ORIGIN, aConfig, BEN, ISSUER } from '../test/test-config.ts'
import { askUpgrade } from './test/ask-upgrade.ts'

describeStores((openTestStore) => {
  let app: TestApp
  let shop: TestReceiver
  beforeAll(async () => {
    shop = await startReceiver()
    const config = aConfig({ tenant: { webhooks: [shop.webhook] } })
    app = await startTestApp({ store: await openTestStore(), config })
  })
  afterAll(async () => {
    await app.close()
    await shop.close()
  })
  afterEach(() => {
    shop.respond = answer(204)
  })

  const statusOf = async (accessToken: string) => (await askUpgrade(app, accessToken)).body.status

  async function upgrade(options: Parameters<typeof signInAsGuest>[2] = {}) {
    const { refreshToken, sessionId } = await startGuest(app, options)
    const { body } = await signInAsGuest(app, refreshToken, options)
    return {
      accessToken: body.access_token ?? '',
      refreshToken: body.refresh_token ?? '',
      sessionId,
      guest: refreshToken,
    }
  }

  describe('GET /me/upgrade', () => {
    it('says none to whoever was no guest, is one still, or came second', async () => {
      expect(await statusOf((await signedIn(app)).accessToken)).toBe('none')
      expect(await statusOf((await startGuest(app)).accessToken)).toBe('none')
      const { guest } = await upgrade()
      const second = await signInAsGuest(app, guest, { person: BEN })
      expect(await statusOf(second.body.access_token ?? '')).toBe('none')
    })

    it('says pending until the shop has heard, then done; to renewed tokens too', async () => {
      let hear = () => {}
      shop.respond = (response) => {
        hear = () => response.writeHead(204).end()
      }
      const { accessToken, refreshToken, sessionId } = await upgrade()
      expect(await statusOf(accessToken)).toBe('pending')
      await until(() => shop.received.some(({ body }) => body.includes(sessionId)))
      expect(await statusOf(accessToken)).toBe('pending')
      hear()
      await until(async () => (await statusOf(accessToken)) === 'done')
      const renewed = await refresh(app, { token: refreshToken })
      expect(await statusOf(renewed.body.access_token ?? '')).toBe('done')
    })

    it('says failed once the shop has refused five times, and done when it takes it after all', async () => {
      shop.respond = answer(500)
      const browser = app.browser()
      const { accessToken, sessionId } = await upgrade({ browser })
      for (let refusals = 1; refusals <= 5; refusals++) {
        await until(async () => (await refusalsOf(sessionId)) === refusals)
        expect(await statusOf(accessToken)).toBe(refusals < 5 ? 'pending' : 'failed')
        if (refusals === 5) shop.respond = answer(204)
        await makeDue()
        // Somebody else's news wakes whoever sends them.
        await upgrade({ browser })
      }
      await until(async () => (await statusOf(accessToken)) === 'done')
    })

    it('is for the holder of the key (RFC 9449 section 7)', async () => {
      const key = await createDpopKey()
      const { accessToken } = await upgrade({ key })
      expect((await askUpgrade(app, accessToken, { key })).body.status).toMatch(/^(pending|done)$/)
      for (const wrong of [undefined, await createDpopKey()]) {
        const refused = await askUpgrade(app, accessToken, { key: wrong })
        expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
        expect(refused.headers['www-authenticate']).toMatch(/DPoP .*error="invalid_token"/)
      }
      const bearer = await upgrade()
      expect((await askUpgrade(app, bearer.accessToken, { key })).status).toBe(401)
    })

    it('tells a clock that is an hour off a nonce', async () => {
      const key = await createDpopKey()
      const { accessToken } = await upgrade({ key })
      const url = `${ISSUER}/me/upgrade`
      const issuedAt = Math.floor(Date.now() / 1000) - 3600
      const ask = async (nonce?: string) => {
        const dpop = await key.proof({ method: 'GET', url, accessToken, issuedAt, ...(nonce && { nonce }) })
        return app.browser().get(url, { authorization: `DPoP ${accessToken}`, dpop })
      }
      const refused = await ask()
      expect(JSON.parse(refused.body).error).toBe('use_dpop_nonce')
      expect((await ask(String(refused.headers['dpop-nonce']))).status).toBe(200)
    })

    it('refuses tokens that are none, or have ended', async () => {
      const { accessToken, refreshToken } = await upgrade()
      await postToEndpoint(app, 'revoke', { token: refreshToken, client_id: 'catalog' })
      for (const token of [accessToken, refreshToken, 'nonsense']) {
        expect(await askUpgrade(app, token)).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
      }
      const without = await app.browser().get(`${ISSUER}/me/upgrade`)
      expect(without.status).toBe(401)
      expect(without.headers['www-authenticate']).toMatch(/Bearer/)
    })

    it("is answered to pages of the tenant's apps only, and kept by nobody", async () => {
      const { accessToken } = await upgrade()
      const from = async (origin: string) => (await askUpgrade(app, accessToken, { headers: { origin } })).headers
      expect(await from(APP_ORIGIN)).toMatchObject({
        'access-control-allow-origin': APP_ORIGIN,
        'cache-control': 'no-store',
        vary: expect.stringContaining('Origin'),
      })
      for (const origin of ['https://evil.test', `${APP_ORIGIN}.evil.test`, 'null']) {
        expect((await from(origin))['access-control-allow-origin']).toBeUndefined()
      }
      const preflight = await app.server.inject({
        method: 'OPTIONS',
        url: '/demo/me/upgrade',
        headers: {
          host: 'localhost:3000',
          origin: APP_ORIGIN,
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'authorization, dpop',
        },
      })
      expect(preflight.statusCode).toBe(204)
      expect(preflight.headers['access-control-allow-headers']).toMatch(/Authorization.*DPoP/)
    })
  })

  async function refusalsOf(sessionId: string): Promise<number | undefined> {
    const rows = await app.store.db.selectFrom('outbox').select(['body', 'refusals']).execute()
    return rows.find(({ body }) => body.includes(sessionId))?.refusals
  }

  /** As if the waits between attempts were over. */
  async function makeDue(): Promise<void> {
    await app.store.db.updateTable('outbox').set({ next_attempt_at: 0 }).where('delivered_at', 'is', null).execute()
  }
})
