import type { JWTPayload } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { aPkce, authorizeUrl } from '../test/flows.ts'
import { answerAtApp, pageOf, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aClient, aConfig } from '../test/test-config.ts'
import { comeBack, signInThrough } from './test/sign-in-through.ts'
import { type Lies, startUpstream, type UpstreamServer } from './test/upstream-server.ts'

let acme: UpstreamServer
let inside: UpstreamServer
let app: TestApp
beforeAll(async () => {
  acme = await startUpstream()
  inside = await startUpstream()
  const upstream = [acme.entry({ provision: true, scope: 'openid email profile' })]
  const clients = [aClient({ consent: 'skip' })]
  app = await startTestApp({ config: aConfig({ tenant: { upstream, clients } }) })
})
afterAll(async () => {
  await app.close()
  await acme.close()
  await inside.close()
})
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  acme.accounts.set('cleo', { email: 'cleo@acme.test', email_verified: true })
  await app.store.db.deleteFrom('audit').execute()
  await app.store.db.deleteFrom('users').where('sso_id', 'like', 'acme|%').execute()
  await app.store.db.deleteFrom('user_names').where('name_key', 'like', '%acme%').execute()
})
afterEach(() => {
  acme.lies = {}
  vi.useRealTimers()
})

let daysAhead = 0

/** What was remembered of the provider, by a test before too, is out of date. */
function waitTwoDays(): void {
  daysAhead += 2
  vi.setSystemTime(Date.now() + daysAhead * 86_400_000)
}

/** Nobody comes in, nothing is kept, the audit says why; and when the provider is honest again the same page lets them in. */
async function expectRefusal(lies: Lies, { code, reason }: { code: string; reason: RegExp }): Promise<void> {
  waitTwoDays()
  acme.lies = lies
  const visit = await visitSignIn(app)
  const page = pageOf(await goThrough(visit), 'sign-in')
  expect(page.error).toEqual({ code, upstream: 'Acme' })
  expect(await app.store.db.selectFrom('identities').selectAll().execute()).toEqual([])
  expect(await app.store.db.selectFrom('users').where('sso_id', 'is not', null).selectAll().execute()).toEqual([])
  expect(answerAtApp(await visit.browser.open(authorizeUrl(aPkce(), { prompt: 'none' })))).toMatchObject({
    error: 'login_required',
  })
  const [last] = await app.store.db.selectFrom('audit').selectAll().orderBy('at', 'desc').limit(1).execute()
  expect(last?.event).toBe('upstream.refused')
  expect(JSON.parse(last?.detail ?? '')).toMatchObject({
    provider: 'acme',
    error: code,
    reason: expect.stringMatching(reason),
  })
  acme.lies = {}
  vi.setSystemTime(Date.now() + 11 * 60_000)
  expect(answerAtApp(await goThrough({ ...visit, state: page }))).toHaveProperty('code')
}

/** Through the provider and back, or to the page that says why it doesn't even begin. */
async function goThrough({ browser, state }: Pick<Awaited<ReturnType<typeof visitSignIn>>, 'browser' | 'state'>) {
  const response = await browser.postForm(state.action, { step: 'upstream', upstream: 'acme' })
  return response.body.includes('"page":"leaving"') ? signInThrough({ browser, state }, 'cleo') : response
}

type ChangedClaims = (claims: JWTPayload) => JWTPayload

describe('an ID token (OpenID Connect Core section 3.1.3.7)', () => {
  test.each<[string, ChangedClaims, RegExp]>([
    ['of another issuer', (claims) => ({ ...claims, iss: 'https://id.other.test' }), /"iss"/],
    ['without an issuer', ({ iss: _, ...claims }) => claims, /"iss"/],
    ['for another client', (claims) => ({ ...claims, aud: 'somebody-else' }), /"aud"/],
    ['for another client as well', (claims) => ({ ...claims, aud: ['portico-at-acme', 'somebody-else'] }), /"aud"/],
    ['without an audience', ({ aud: _, ...claims }) => claims, /"aud"/],
    ['issued to another party', (claims) => ({ ...claims, azp: 'somebody-else' }), /azp/],
    ['with another nonce', (claims) => ({ ...claims, nonce: 'another' }), /"nonce"/],
    ['without a nonce', ({ nonce: _, ...claims }) => claims, /"nonce"/],
    ['that has ended', (claims) => ({ ...claims, exp: (claims.iat ?? 0) - 60 }), /"exp"/],
    ['that never ends', ({ exp: _, ...claims }) => claims, /"exp"/],
    ['from the future', (claims) => ({ ...claims, nbf: (claims.iat ?? 0) + 600 }), /"nbf"/],
    ['without a subject', ({ sub: _, ...claims }) => claims, /"sub"/],
    ['with an empty subject', (claims) => ({ ...claims, sub: '' }), /subject/],
    ['whose subject is a number', (claims) => ({ ...claims, sub: 7 as never }), /"sub"/],
    ['whose subject holds a zero byte', (claims) => ({ ...claims, sub: 'cleo\u0000' }), /subject/],
    ['with a subject of any length', (claims) => ({ ...claims, sub: 'x'.repeat(10_000) }), /subject/],
  ])('%s lets nobody in', async (_what, claims, reason) => {
    await expectRefusal({ idToken: { claims } }, { code: 'upstream-failed', reason })
  })

  test.each([
    ['nobody', /"alg"/],
    ['another key', /signature/],
    ['the public key as a secret', /"alg"/],
    ['the client secret', /"alg"/],
    ['its key of another algorithm', /"alg"/],
  ] as const)('signed by %s lets nobody in, whatever its metadata allows', async (signedBy, reason) => {
    const metadata = { id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256', 'none'] }
    await expectRefusal({ metadata, idToken: { signedBy } }, { code: 'upstream-failed', reason })
  })

  test('says when it doesn’t ask a person again although the app wanted it', async () => {
    acme.lies = { idToken: { claims: (claims) => ({ ...claims, auth_time: (claims.iat ?? 0) - 3600 }) } }
    const visit = await visitSignIn(app, { overrides: { prompt: 'login' } })
    const { error } = pageOf(await signInThrough(visit, 'cleo'), 'sign-in')
    expect(error).toEqual({ code: 'upstream-failed', upstream: 'Acme' })
    acme.lies = { idToken: { claims: (claims) => ({ ...claims, auth_time: claims.iat }) } }
    expect(answerAtApp(await signInThrough(visit, 'cleo'))).toHaveProperty('code')
  })
})

describe('metadata (OpenID Connect Discovery section 4.3)', () => {
  test.each<[string, (acme: string, inside: string) => Record<string, unknown>, RegExp]>([
    ['of another issuer', () => ({ issuer: 'https://id.other.test' }), /issuer/],
    ['of an issuer that is almost the same', (acme) => ({ issuer: `${acme}/` }), /names the issuer/],
    ['of no issuer', () => ({ issuer: undefined }), /issuer/],
    ['without a token endpoint', () => ({ token_endpoint: undefined }), /token_endpoint/],
    ['without keys', () => ({ jwks_uri: undefined }), /jwks_uri/],
    ['with something that is no address', () => ({ token_endpoint: 'nowhere' }), /token_endpoint/],
    ['with keys at a plain address inside', (_acme, inside) => ({ jwks_uri: `${inside}/jwks` }), /jwks_uri/],
    ['with tokens at a plain address inside', (_acme, inside) => ({ token_endpoint: `${inside}/token` }), /token_/],
    ['that sends people to a plain address', () => ({ authorization_endpoint: 'http://id.acme.test/' }), /authoriz/],
    ['that sends people to a script', () => ({ authorization_endpoint: 'javascript:alert(1)' }), /authoriz/],
  ])('%s lets nobody in', async (_what, metadata, reason) => {
    inside.asked.length = 0
    await expectRefusal({ metadata: metadata(acme.issuer, inside.issuer) }, { code: 'upstream-failed', reason })
    expect(inside.asked).toEqual([])
  })

  test.each([
    ['token_endpoint', 'https://127.0.0.1', /neither configured nor public/],
    ['token_endpoint', 'https://[::1]', /neither configured nor public/],
    ['token_endpoint', 'https://[::ffff:10.0.0.1]', /neither configured nor public/],
    ['jwks_uri', 'https://169.254.169.254', /neither configured nor public/],
    ['userinfo_endpoint', 'http://localhost', /neither configured nor public/],
    // What a name leads to is known when it is looked up.
    ['jwks_uri', 'https://localhost', /not public/],
  ])('with %s at %s leads nobody inside', async (endpoint, host, reason) => {
    inside.asked.length = 0
    const address = `${host}:${new URL(inside.issuer).port}/${endpoint}`
    await expectRefusal({ metadata: { [endpoint]: address } }, { code: 'upstream-unavailable', reason })
    expect(inside.asked).toEqual([])
  })
})

test('userinfo of another subject lets nobody in (OpenID Connect Core section 5.3.2)', async () => {
  const claims: ChangedClaims = (claims) => ({ ...claims, sub: 'somebody-else' })
  await expectRefusal({ idToken: { claims } }, { code: 'upstream-failed', reason: /"sub"/ })
})

test('an error of the provider is told as what it is', async () => {
  for (const [error, code] of [
    ['access_denied', 'upstream-denied'],
    ['temporarily_unavailable', 'upstream-unavailable'],
    ['server_error', 'upstream-unavailable'],
    ['invalid_scope', 'upstream-failed'],
    ['<script>', 'upstream-failed'],
  ] as const) {
    const { browser, state } = await visitSignIn(app)
    const { body } = await browser.postJson(state.action, { step: 'upstream', upstream: 'acme' })
    const asked = new URL(JSON.parse(body).redirectTo).searchParams
    const url = new URL(asked.get('redirect_uri') ?? '')
    url.search = new URLSearchParams({ error, state: asked.get('state') ?? '', iss: acme.issuer }).toString()
    expect(pageOf(await comeBack(browser, { url }), 'sign-in').error).toEqual({ code, upstream: 'Acme' })
  }
})
