import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aPkce, authorizeUrl, basicAuth, obtainCode, postToEndpoint, redeem } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { REDIRECT_URI } from '../test/test-config.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const ORDERS_REDIRECT = 'http://localhost:3002/callback'
const orders = { client_id: 'orders', redirect_uri: ORDERS_REDIRECT, code_challenge: null, code_challenge_method: null }

const redeemAtOrders = (code: string, fields: Record<string, string> = {}) =>
  postToEndpoint(
    app,
    'token',
    { grant_type: 'authorization_code', code, redirect_uri: ORDERS_REDIRECT, ...fields },
    { headers: basicAuth() },
  )

describe('an authorization request', () => {
  const challenge = aPkce().challenge
  const refused: [string, Record<string, string | null>][] = [
    [
      'no challenge from a public client (RFC 9700 section 2.1.1)',
      { code_challenge: null, code_challenge_method: null },
    ],
    ['a method without a challenge', { code_challenge: null }],
    ['a challenge without a method, which would mean plain (RFC 7636 section 4.3)', { code_challenge_method: null }],
    ['the method plain', { code_challenge_method: 'plain' }],
    ['the method in other letters', { code_challenge_method: 's256' }],
    ['a challenge shorter than a SHA-256 (RFC 7636 section 4.2)', { code_challenge: challenge.slice(1) }],
    ['a challenge longer than a SHA-256', { code_challenge: `${challenge}A` }],
    ['a challenge that is not base64url', { code_challenge: `${challenge.slice(1)}.` }],
  ]
  it.each(refused)('is refused with %s', async (_fault, overrides) => {
    const { location } = await app.browser().get(authorizeUrl(aPkce(), overrides))
    expect(location?.href.startsWith(`${REDIRECT_URI}?`)).toBe(true)
    expect(location?.searchParams.get('error')).toBe('invalid_request')
  })

  it('may do without a challenge from a client with a secret', async () => {
    const code = await obtainCode(app.browser(), aPkce(), { overrides: orders })
    expect((await redeemAtOrders(code)).status).toBe(200)
  })
})

describe('a verifier (RFC 7636 section 4.6)', () => {
  const wrong: [string, (verifier: string) => string | null, RegExp][] = [
    ['another one', () => aPkce().verifier, /^invalid_grant$/],
    ['none', () => null, /^invalid_grant$/],
    ['an empty one', () => '', /^invalid_grant$/],
    ['the challenge itself', () => 'challenge', /^invalid_grant$/],
    ['one shorter than 43 characters', (verifier) => verifier.slice(0, 42), /^invalid_(grant|request)$/],
    ['one longer than 128 characters', (verifier) => verifier.repeat(3).slice(0, 129), /^invalid_(grant|request)$/],
    ['one with forbidden characters', (verifier) => `${verifier.slice(1)}=`, /^invalid_(grant|request)$/],
  ]
  it.each(wrong)('that does not fit is refused and spends the code: %s', async (_case, change, error) => {
    const pkce = aPkce()
    const code = await obtainCode(app.browser(), pkce)
    const changed = change(pkce.verifier)
    const code_verifier = changed === 'challenge' ? pkce.challenge : changed
    const form = { grant_type: 'authorization_code', client_id: 'catalog', code, redirect_uri: REDIRECT_URI }
    const refused = await postToEndpoint(app, 'token', { ...form, ...(code_verifier !== null && { code_verifier }) })
    expect(refused).toMatchObject({ status: 400, body: { error: expect.stringMatching(error) } })
    expect(refused.body).not.toHaveProperty('access_token')
    expect(await redeem(app, { code, pkce })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  it('of 128 characters is accepted', async () => {
    const verifier = `${aPkce().verifier}${aPkce().verifier}${aPkce().verifier}`.slice(0, 128)
    const pkce = { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
    const code = await obtainCode(app.browser(), pkce)
    expect((await redeem(app, { code, pkce })).status).toBe(200)
  })

  it('is refused when the request had no challenge, so that nobody can take one away (RFC 9700 section 4.8.2)', async () => {
    const code = await obtainCode(app.browser(), aPkce(), { overrides: orders })
    const refused = await redeemAtOrders(code, { code_verifier: aPkce().verifier })
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect((await redeemAtOrders(code)).status).toBe(400)
  })

  it('is needed also from a client with a secret that sent a challenge', async () => {
    const pkce = aPkce()
    const overrides = { ...orders, code_challenge: pkce.challenge, code_challenge_method: 'S256' }
    const code = await obtainCode(app.browser(), pkce, { overrides })
    expect(await redeemAtOrders(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })
})
