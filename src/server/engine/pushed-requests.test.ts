import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDpopKey } from '../test/dpop-key.ts'
import { aPkce, authorizeUrl, basicAuth, completeSignIn, postToEndpoint, pushRequest, redeem } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { pageStateOf } from '../test/test-browser.ts'
import { APP_ORIGIN, ISSUER, REDIRECT_URI } from '../test/test-config.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())
afterEach(() => vi.useRealTimers())

const faulty = { status: 400, body: { error: 'invalid_request' } }

describe('a pushed authorization request (RFC 9126)', () => {
  it('of a public client becomes a code', async () => {
    const pkce = aPkce()
    const { status, body, headers, url } = await pushRequest(app, pkce)
    expect(status).toBe(201)
    expect(body).toEqual({
      request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:[\w-]{27,}$/),
      expires_in: 60,
    })
    expect(headers['cache-control']).toBe('no-store')
    const browser = app.browser()
    const answer = await completeSignIn(browser, await browser.get(url))
    expect(answer.location?.searchParams.get('state')).toBe('state-of-the-app')
    const redeemed = await redeem(app, { code: answer.location?.searchParams.get('code') ?? '', pkce })
    expect(decodeJwt(redeemed.body.id_token ?? '').nonce).toBe('nonce-of-the-app')
  })

  it("can be sent by the app's own page", async () => {
    const query = Object.fromEntries(new URL(authorizeUrl(aPkce())).searchParams)
    const { status, headers } = await postToEndpoint(app, 'par', query, { headers: { origin: APP_ORIGIN } })
    expect(status).toBe(201)
    expect(headers['access-control-allow-origin']).toBe(APP_ORIGIN)
  })

  it('binds the code to the key of its DPoP proof (RFC 9449 section 10.1)', async () => {
    const key = await createDpopKey()
    for (const wrong of [undefined, await createDpopKey()]) {
      const { code, pkce } = await pushedCode({ key })
      expect(await redeem(app, { code, pkce, key: wrong })).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      })
    }
    const { code, pkce } = await pushedCode({ key })
    expect((await redeem(app, { code, pkce, key })).status).toBe(200)
  })

  it("cannot name another key than its proof's", async () => {
    const key = await createDpopKey()
    const other = await createDpopKey()
    expect(await pushRequest(app, aPkce(), { key, fields: { dpop_jkt: other.thumbprint } })).toMatchObject(faulty)
  })

  it.each([
    ['an address that is not registered', { redirect_uri: 'https://evil.test/' }],
    ['no challenge', { code_challenge: '', code_challenge_method: '' }],
    ['the method plain', { code_challenge_method: 'plain' }],
    ['a challenge of another length', { code_challenge: 'x'.repeat(64) }],
    ['a response type the client lacks', { response_type: 'id_token token' }],
    ['a request_uri inside', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }],
    ['a request object inside', { request: 'eyJhbGciOiJub25lIn0.e30.' }],
  ])('is checked when it is pushed: %s (section 2.1)', async (_case, fields) => {
    const { status, body } = await pushRequest(app, aPkce(), { fields })
    expect(status).toBe(400)
    expect(body.error).toMatch(/^(invalid_request|request_not_supported|request_uri_not_supported)$/)
    expect(body).not.toHaveProperty('request_uri')
  })

  it('belongs to who pushed it (section 2.2)', async () => {
    const { body } = await pushRequest(app, aPkce())
    const query = new URLSearchParams({ client_id: 'orders', request_uri: String(body.request_uri) })
    const response = await app.browser().get(`/demo/authorize?${query}`)
    expect(response.location).toBeUndefined()
    expect(pageStateOf(response).page).toBe('problem')
  })

  it('of a client with a secret needs that secret', async () => {
    const redirect_uri = 'http://localhost:3002/callback'
    const query = { client_id: 'orders', redirect_uri, response_type: 'code', scope: 'openid' }
    const refused = await postToEndpoint(app, 'par', query)
    expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    expect((await postToEndpoint(app, 'par', query, { headers: basicAuth() })).status).toBe(201)
  })

  it('cannot be widened in the address (RFC 9101 section 6.3)', async () => {
    const { url } = await pushRequest(app, aPkce())
    const browser = app.browser()
    const widened = `${url}&scope=openid+email&state=other&redirect_uri=${encodeURIComponent('https://evil.test/')}`
    const page = await browser.open(widened)
    expect(page.body).not.toContain('evil.test')
    const answer = await completeSignIn(browser, page)
    expect(answer.location?.href.startsWith(REDIRECT_URI)).toBe(true)
    expect(answer.location?.searchParams.get('state')).toBe('state-of-the-app')
  })

  it('lives for a minute', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { url } = await pushRequest(app, aPkce())
    vi.setSystemTime(Date.now() + 62_000)
    const response = await app.browser().get(url)
    expect(response.location).toBeUndefined()
    expect(pageStateOf(response)).toMatchObject({ page: 'problem', problem: 'request-expired' })
  })

  it('buys one answer, also where two tabs finish at once (section 7.3)', async () => {
    const { url } = await pushRequest(app, aPkce())
    const browser = app.browser()
    const first = await completeSignIn(browser, await browser.get(url))
    expect(first.location?.searchParams.get('code')).toEqual(expect.any(String))
    const again = await browser.open(url)
    expect(again.location).toBeUndefined()
    expect(pageStateOf(again)).toMatchObject({ page: 'problem', problem: 'request-expired' })
    const { url: raced } = await pushRequest(app, aPkce())
    const tabs = await Promise.all(Array.from({ length: 8 }, () => browser.open(raced)))
    expect(tabs.filter(({ location }) => location?.searchParams.has('code'))).toHaveLength(1)
  })

  it('of another tenant is unknown', async () => {
    const query = new URLSearchParams({
      client_id: 'catalog',
      request_uri: 'urn:ietf:params:oauth:request_uri:made-up',
    })
    const response = await app.browser().get(`${ISSUER}/authorize?${query}`)
    expect(response.location).toBeUndefined()
    expect(pageStateOf(response)).toMatchObject({ page: 'problem', problem: 'request-expired' })
  })
})

async function pushedCode({ key }: { key: Awaited<ReturnType<typeof createDpopKey>> }) {
  const pkce = aPkce()
  const { url } = await pushRequest(app, pkce, { key })
  const browser = app.browser()
  const answer = await completeSignIn(browser, await browser.get(url))
  return { pkce, code: answer.location?.searchParams.get('code') ?? '' }
}
