import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeStores } from '../store/test/open-test-stores.ts'
import { createDpopKey } from '../test/dpop-key.ts'
import { obtainGuestCode, redeem, refresh, signInAsGuest, startGuest, type TokenResponse } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aConfig, BEN } from '../test/test-config.ts'
import { unreliable } from '../test/unreliable-store.ts'
import { userinfo } from '../test/userinfo.ts'

const webhook = {
  // Nobody listens there: what is queued stays queued.
  url: 'http://127.0.0.1:9/events',
  secret: `whsec_${Buffer.from('a secret that the shop and we know').toString('base64')}`,
  events: ['guest.upgraded'],
}
const config = aConfig({ tenant: { webhooks: [webhook] } })

const rounds = process.env.PORTICO_TEST_ALL ? 100 : 10

describeStores((openTestStore) => {
  let nodes: [TestApp, TestApp]
  let app: TestApp
  beforeAll(async () => {
    const start = async () => startTestApp({ store: await openTestStore(), config })
    nodes = [await start(), await start()]
    app = nodes[0]
  })
  afterAll(() => Promise.all(nodes.map((node) => node.close())))

  const recordsOf = async (sessionId: string) => ({
    upgrades: await app.store.db.selectFrom('guest_upgrades').selectAll().where('session_id', '=', sessionId).execute(),
    events: (await app.store.db.selectFrom('outbox').selectAll().execute()).filter(({ body }) =>
      body.includes(sessionId),
    ),
  })

  const claimsOf = ({ body }: TokenResponse) => decodeJwt(body.access_token ?? '')

  describe('a guest who signs in', () => {
    it('keeps the session id and nothing else', async () => {
      const key = await createDpopKey()
      const guest = await startGuest(app, { key, fields: { anonuserid: 'beacon-1', currency: 'EUR' } })
      const was = decodeJwt(guest.accessToken)
      const member = await signInAsGuest(app, guest.refreshToken, { key })
      expect(member.body).toMatchObject({ session_id: guest.sessionId, guest_upgrade: 'pending', token_type: 'DPoP' })
      const is = claimsOf(member)
      expect(is).toMatchObject({ session_id: guest.sessionId, roles: ['Shopper'], cnf: { jkt: key.thumbprint } })
      expect(is).not.toHaveProperty('guest')
      for (const name of ['sub', 'sid', 'jti']) expect(is[name]).not.toBe(was[name])
      expect(member.body.refresh_token).not.toBe(guest.refreshToken)
      expect(decodeJwt(member.body.id_token ?? '')).toMatchObject({ sub: is.sub, sid: is.sid })
    })

    it('keeps it at every refresh', async () => {
      const guest = await startGuest(app)
      const { body } = await signInAsGuest(app, guest.refreshToken)
      const renewed = await refresh(app, { token: body.refresh_token ?? '' })
      expect(renewed.body).toMatchObject({ session_id: guest.sessionId })
      expect(renewed.body).not.toHaveProperty('guest_upgrade')
      expect(claimsOf(renewed)).not.toHaveProperty('guest')
    })

    it('is no guest any more: the old refresh token is refused at once, on every node', async () => {
      const guest = await startGuest(app)
      await signInAsGuest(app, guest.refreshToken)
      for (const node of nodes) {
        expect(await refresh(node, { token: guest.refreshToken })).toMatchObject({
          status: 400,
          body: { error: 'invalid_grant' },
        })
      }
    })

    it('is told about once, to each receiver, with both names and the tracking id', async () => {
      const guest = await startGuest(app, { fields: { anonuserid: 'beacon-2' } })
      const member = await signInAsGuest(app, guest.refreshToken)
      const { upgrades, events } = await recordsOf(guest.sessionId)
      const names = {
        session_id: guest.sessionId,
        guest_sub: decodeJwt(guest.accessToken).sub,
        member_sub: claimsOf(member).sub,
        client_id: 'catalog',
        tracking_id: 'beacon-2',
      }
      expect(upgrades).toEqual([
        expect.objectContaining({ ...names, family_id: claimsOf(member).sid, event_id: events[0]?.event_id }),
      ])
      expect(events.map(({ receiver, body }) => ({ receiver, body: JSON.parse(body) }))).toEqual([
        {
          receiver: webhook.url,
          body: { type: 'guest.upgraded', timestamp: expect.any(String), data: { tenant: 'demo', ...names } },
        },
      ])
    })

    it('leaves no word about a tracking id where there was none', async () => {
      const guest = await startGuest(app)
      await signInAsGuest(app, guest.refreshToken)
      const [event] = (await recordsOf(guest.sessionId)).events
      expect(JSON.parse(event?.body ?? '{}').data).not.toHaveProperty('tracking_id')
    })

    it('was one person: a second sign-in with the same guest gets a session of its own', async () => {
      const guest = await startGuest(app)
      await signInAsGuest(app, guest.refreshToken)
      const second = await signInAsGuest(app, guest.refreshToken, { person: BEN })
      expect(second.body).toMatchObject({ guest_upgrade: 'none', session_id: expect.any(String) })
      expect(second.body.session_id).not.toBe(guest.sessionId)
    })
  })

  it('of two sign-ins with one guest exactly one gets it, and both people are in', { timeout: 60_000 }, async () => {
    const browsers = [nodes[0].browser(), nodes[1].browser()]
    for (let round = 0; round < rounds; round++) {
      const guest = await startGuest(app)
      const codes = [
        await obtainGuestCode(nodes[0], guest.refreshToken, { browser: browsers[0] }),
        await obtainGuestCode(nodes[1], guest.refreshToken, { browser: browsers[1], person: BEN }),
      ]
      const answers = await Promise.all(codes.map((code, index) => redeem(nodes[index] ?? app, code)))
      expect(answers.map(({ status }) => status)).toEqual([200, 200])
      expect(answers.map(({ body }) => body.guest_upgrade).toSorted()).toEqual(['none', 'pending'])
      const kept = answers.filter(({ body }) => body.session_id === guest.sessionId)
      expect(kept.map(({ body }) => body.guest_upgrade)).toEqual(['pending'])
      for (const { body } of answers) expect((await userinfo(app, body.access_token ?? '')).status).toBe(200)
      const { upgrades, events } = await recordsOf(guest.sessionId)
      expect({ upgrades: upgrades.length, events: events.length }).toEqual({ upgrades: 1, events: 1 })
    }
  })

  it('one code redeemed by many at once upgrades once', async () => {
    const guest = await startGuest(app)
    const code = await obtainGuestCode(app, guest.refreshToken)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => redeem(nodes[index % 2] ?? app, code)))
    const [winner, ...others] = answers.filter(({ status }) => status === 200)
    expect(others).toEqual([])
    expect((await userinfo(app, winner?.body.access_token ?? '')).status).toBe(200)
    const { upgrades, events } = await recordsOf(guest.sessionId)
    expect({ upgrades: upgrades.length, events: events.length }).toEqual({ upgrades: 1, events: 1 })
  })

  it('a database that fails at the commit upgrades nobody, and the same code works again', async () => {
    const store = unreliable(await openTestStore())
    const node = await startTestApp({ store, config })
    const guest = await startGuest(node)
    const code = await obtainGuestCode(node, guest.refreshToken)
    store.failBeforeNextCommit()
    expect((await redeem(node, code)).status).toBe(500)
    expect(await recordsOf(guest.sessionId)).toEqual({ upgrades: [], events: [] })
    expect((await refresh(node, { token: guest.refreshToken })).status).toBe(200)
    expect((await redeem(node, code)).body).toMatchObject({ session_id: guest.sessionId, guest_upgrade: 'pending' })
    await node.close()
  })
})
