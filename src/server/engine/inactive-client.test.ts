import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { basicAuth, postToEndpoint, refresh, signedIn, startGuest } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aConfidentialClient, aConfig, aGuestClient, ISSUER } from '../test/test-config.ts'
import { userinfo } from '../test/userinfo.ts'

let store: Store
let tokens: { member: Awaited<ReturnType<typeof signedIn>>; guest: Awaited<ReturnType<typeof startGuest>> }
let inactive: TestApp

/** A start of the server with the catalog switched on or off. */
function start(active: boolean): Promise<TestApp> {
  const clients = [aGuestClient({ active }), aConfidentialClient()]
  return startTestApp({ store, config: aConfig({ tenant: { clients } }) })
}

const introspect = (app: TestApp, token: string) =>
  postToEndpoint(app, 'introspect', { token }, { headers: basicAuth() })

beforeAll(async () => {
  store = await openStore('sqlite::memory:')
  const active = await start(true)
  tokens = { member: await signedIn(active), guest: await startGuest(active) }
  await active.close()
  inactive = await start(false)
})
afterAll(async () => {
  await inactive.close()
  await store.close()
})

describe('a client that is not active any more', () => {
  it.each([
    ['authorization_code', { code: 'x' }],
    ['refresh_token', {}],
    ['password', { username: 'ada', password: 'copper kettle at dawn' }],
    ['urn:portico:grant-type:guest', {}],
  ])('gets nothing by %s', async (grant_type, fields) => {
    for (const refresh_token of [tokens.member.refreshToken, tokens.guest.refreshToken]) {
      const form = { grant_type, client_id: 'catalog', refresh_token, ...fields }
      expect(await postToEndpoint(inactive, 'token', form)).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      })
    }
  })

  it('takes the tokens it was given with it: introspection and userinfo know at once', async () => {
    const { member, guest } = tokens
    for (const token of [member.accessToken, guest.accessToken]) {
      expect(await introspect(inactive, token)).toMatchObject({ status: 200, body: { active: false } })
    }
    expect(await userinfo(inactive, member.accessToken)).toMatchObject({ status: 401 })
  })

  it('is on the list that APIs follow', async () => {
    const { body } = await inactive.browser().get(`${ISSUER}/revocations`)
    const until = Number(decodeJwt(tokens.guest.accessToken).exp)
    expect(decodeJwt(body).revocations).toEqual([{ client_id: 'catalog', until: expect.any(Number) }])
    const [entry] = decodeJwt(body).revocations as { until: number }[]
    expect(entry?.until).toBeGreaterThanOrEqual(until)
  })

  it('goes on where it was once it is active again', async () => {
    const again = await start(true)
    expect(await introspect(again, tokens.member.accessToken)).toMatchObject({ body: { active: true } })
    expect((await refresh(again, { token: tokens.member.refreshToken })).status).toBe(200)
    await again.close()
  })
})
