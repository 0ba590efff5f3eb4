import { decodeJwt } from 'jose'
import { Auth, Configuration } from 'ordercloud-javascript-sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Portal } from '../../strangers/test/portal.ts'
import { ADA, APP_ORIGIN, ORDERS_SECRET } from '../../test/test-config.ts'
import { ANONYMOUS_SECONDS, startOrderCloudShop } from './test/ordercloud-shop.ts'

let portal: Portal
beforeAll(async () => {
  portal = await startOrderCloudShop()
})
afterAll(() => portal.close())
beforeEach(() => Configuration.Set({ baseApiUrl: portal.issuer }))

const asServer = { authorization: `Basic ${Buffer.from(`middleware:${ORDERS_SECRET}`).toString('base64')}` }

async function post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(`${portal.issuer}${path}`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(fields),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}
const introspect = async (token: string) => (await post('/introspect', { token }, asServer)).body
const login = () => Auth.Login(ADA.username, ADA.password, 'storefront')

/** What APIs follow, once the node has read it anew. */
async function listed(): Promise<unknown> {
  const response = await fetch(`${portal.issuer}/revocations`)
  return decodeJwt(await response.text()).revocations
}

describe('a token of theirs is a token of ours', () => {
  test('with every claim an API goes by (RFC 9068)', async () => {
    const { access_token } = await login()
    expect(decodeJwt(access_token)).toMatchObject({
      iss: portal.issuer,
      sub: expect.any(String),
      client_id: 'storefront',
      jti: expect.any(String),
      sid: expect.any(String),
      session_id: expect.any(String),
      roles: ['Shopper'],
    })
    expect(await introspect(access_token)).toMatchObject({ active: true, client_id: 'storefront', roles: ['Shopper'] })
  })

  test('that says who signed in', async () => {
    const answer = await Auth.Login(ADA.username, ADA.password, 'storefront')
    const refused = await fetch(`${portal.issuer}/userinfo`, {
      headers: { authorization: `Bearer ${answer.access_token}` },
    })
    // Without `openid` there is nothing to say (OpenID Connect Core section 5.3.1).
    expect(refused.status).toBe(403)
  })

  test('and ends with its login, whichever of the two is revoked', async () => {
    for (const name of ['access_token', 'refresh_token'] as const) {
      const answer = await login()
      expect((await post('/revoke', { token: answer[name], client_id: 'storefront' })).status).toBe(200)
      expect(await introspect(answer.access_token)).toEqual({ active: false })
      await expect(Auth.RefreshToken(answer.refresh_token, 'storefront')).rejects.toMatchObject({ status: 400 })
    }
  })

  test('of a visitor stays on the list of ended ones until it would have ended itself', async () => {
    const { access_token } = await Auth.Anonymous('storefront')
    expect(await introspect(access_token)).toMatchObject({ active: true, guest: true })
    await post('/revoke', { token: access_token, client_id: 'storefront' })
    expect(await introspect(access_token)).toEqual({ active: false })
    const { sid, exp = 0 } = decodeJwt(access_token)
    await expect.poll(listed, { timeout: 3_000 }).toContainEqual({ sid, until: expect.any(Number) })
    const entry = ((await listed()) as { sid: string; until: number }[]).find((one) => one.sid === sid)
    expect(entry?.until).toBeGreaterThanOrEqual(exp)
    expect(exp - Date.now() / 1000).toBeGreaterThan(ANONYMOUS_SECONDS - 60)
  })

  test('of a client stands for nobody else', async () => {
    const { access_token } = await Auth.ClientCredentials(ORDERS_SECRET, 'middleware')
    expect(await introspect(access_token)).toMatchObject({
      active: true,
      sub: 'client:middleware',
      roles: ['Shopper', 'MeAdmin'],
    })
  })
})

describe('the route', () => {
  const refused = (fields: Record<string, string>, headers = {}) => post('/oauth/token', fields, headers)

  test('may be read by the pages of its clients, exactly', async () => {
    const from = async (origin: string) =>
      (await refused({ grant_type: 'nonsense', client_id: 'storefront' }, { origin })).headers.get(
        'access-control-allow-origin',
      )
    expect(await from(APP_ORIGIN)).toBe(APP_ORIGIN)
    expect(await from('http://localhost:30011')).toBeNull()
  })

  test('has an answer for grants that were never OrderCloud’s', async () => {
    for (const grant_type of [
      'authorization_code',
      'urn:portico:grant-type:guest',
      'urn:portico:grant-type:member',
      'nonsense',
    ]) {
      const { status, body } = await refused({ grant_type, client_id: 'storefront' })
      expect(status).toBe(400)
      expect(body).toMatchObject({ error: 'unsupported_grant_type', Errors: [{ ErrorCode: 'Auth.OauthError' }] })
    }
  })

  test('takes a secret once, by Basic or in the form', async () => {
    const form = { grant_type: 'client_credentials', client_id: 'jobs' }
    const basic = { authorization: `Basic ${Buffer.from(`jobs:${ORDERS_SECRET}`).toString('base64')}` }
    expect((await refused(form, basic)).status).toBe(200)
    expect((await refused({ ...form, client_secret: ORDERS_SECRET }, basic)).status).toBe(400)
  })

  test('writes down who was refused, without what they sent', async () => {
    await refused({
      grant_type: 'password',
      client_id: 'storefront',
      username: 'planted-name',
      password: 'planted-password',
    })
    await refused({ grant_type: 'client_credentials', client_id: 'jobs', client_secret: 'planted-secret' })
    const rows = await portal.app.store.db
      .selectFrom('audit')
      .selectAll()
      .where('event', '=', 'client.refused')
      .execute()
    expect(rows.at(-1)).toMatchObject({ client_id: 'jobs', request_id: expect.any(String) })
    const kept = JSON.stringify([await portal.app.store.db.selectFrom('audit').selectAll().execute(), portal.app.log])
    expect(kept).not.toMatch(/planted/)
  })
})
