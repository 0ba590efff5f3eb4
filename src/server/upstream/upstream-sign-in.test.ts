import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aPkce, pushRequest, redeem, refresh, signedIn, startGuest } from '../test/flows.ts'
import { answerAtApp, pageOf, signInStep, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aConfig, aGuestClient, ISSUER } from '../test/test-config.ts'
import { chooseUpstream, comeBack, signInThrough } from './test/sign-in-through.ts'
import { startUpstream, type UpstreamServer } from './test/upstream-server.ts'
import { Visitor } from './test/visitor.ts'

const CALLBACK = `${ISSUER}/upstream/acme/callback`

let acme: UpstreamServer
let app: TestApp
beforeAll(async () => {
  acme = await startUpstream({ names: ['acme', 'acme-posts', 'acme-post-auth'] })
  acme.accounts.set('cleo', { email: 'cleo@acme.test', email_verified: true, name: 'Cleo Marsh' })
  const entry = { provision: true, scope: 'openid email profile', roles: ['Shopper'] }
  const upstream = [
    acme.entry({ ...entry, forwarded_parameters: ['ui_locales', 'domain_hint'] }),
    acme.entry({ ...entry, name: 'acme-posts', label: 'Acme by post', response_mode: 'form_post' }),
    acme.entry({ ...entry, name: 'acme-post-auth', token_endpoint_auth_method: 'client_secret_post' }),
    acme.entry({ ...entry, name: 'fixed', authorization_parameters: { prompt: 'select_account', hd: 'acme.test' } }),
  ]
  const clients = [aGuestClient({ consent: 'skip' })]
  app = await startTestApp({ config: aConfig({ tenant: { upstream, clients } }) })
})
afterAll(async () => {
  await app.close()
  await acme.close()
})
beforeEach(async () => {
  await app.store.db.deleteFrom('audit').execute()
})

async function auditTrail() {
  const rows = await app.store.db.selectFrom('audit').selectAll().orderBy('at').execute()
  return rows.map(({ event, user_id, client_id, detail }) => ({ event, user_id, client_id, ...JSON.parse(detail) }))
}

async function tokensOf(response: Awaited<ReturnType<typeof comeBack>>, pkce: ReturnType<typeof aPkce>) {
  const { code = '' } = answerAtApp(response)
  const tokens = await redeem(app, { code, pkce })
  expect(tokens.status).toBe(200)
  return tokens.body
}

test('the sign-in page offers each provider by the name people know it by', async () => {
  const { state } = await visitSignIn(app)
  expect(state.upstreams.slice(0, 2)).toEqual([
    { name: 'acme', label: 'Acme' },
    { name: 'acme-posts', label: 'Acme by post' },
  ])
})

test('nobody is asked about a provider until somebody chooses it', async () => {
  const quiet = await startTestApp({ config: aConfig({ tenant: { upstream: [acme.entry()] } }) })
  acme.asked.length = 0
  await visitSignIn(quiet)
  await quiet.close()
  expect(acme.asked).toEqual([])
})

describe('somebody who comes from a provider', () => {
  test('is signed in at the app, the first time and every time as the same person', async () => {
    const first = await visitSignIn(app)
    const one = await tokensOf(await signInThrough(first, 'cleo'), first.pkce)
    const second = await visitSignIn(app)
    const two = await tokensOf(await signInThrough(second, 'cleo'), second.pkce)
    const { sub, name, amr } = decodeJwt(String(one.id_token))
    expect(decodeJwt(String(two.id_token)).sub).toBe(sub)
    expect({ name, amr }).toEqual({ name: 'Cleo Marsh', amr: ['ext'] })
    expect(decodeJwt(String(one.access_token)).roles).toEqual(['Shopper'])
  })

  test.each(['acme-posts', 'acme-post-auth'])('is signed in through %s as well', async (name) => {
    const visit = await visitSignIn(app)
    await tokensOf(await signInThrough(visit, 'cleo', { upstream: name }), visit.pkce)
  })

  test('is on the audit trail, without what they carried', async () => {
    acme.accounts.set('dora', { email: 'dora@acme.test', email_verified: true })
    await signInThrough(await visitSignIn(app), 'dora')
    const { id } = await app.store.db
      .selectFrom('users')
      .select('id')
      .where('email', '=', 'dora@acme.test')
      .executeTakeFirstOrThrow()
    const about = { user_id: id, client_id: 'catalog', provider: 'acme' }
    expect(await auditTrail()).toEqual([
      { event: 'user.created', ...about },
      { event: 'identity.linked', ...about, subject: 'dora', how: 'provision' },
      { event: 'sign-in.succeeded', ...about },
    ])
  })

  test('keeps what they had as a guest', async () => {
    const guest = await startGuest(app)
    const pkce = aPkce()
    const browser = app.browser()
    const { url } = await pushRequest(app, pkce, { guestToken: guest.refreshToken })
    const state = pageOf(await browser.open(url), 'sign-in')
    const tokens = await tokensOf(await signInThrough({ browser, state }, 'cleo'), pkce)
    expect(tokens).toMatchObject({ session_id: guest.sessionId, guest_upgrade: 'pending' })
  })

  test('ends the session and the logins of whoever was in this browser before', async () => {
    const ada = await signedIn(app)
    const visit = await visitSignIn(app, { browser: ada.browser, overrides: { prompt: 'login' } })
    const tokens = await tokensOf(await signInThrough(visit, 'cleo'), visit.pkce)
    expect(decodeJwt(String(tokens.id_token)).name).toBe('Cleo Marsh')
    expect(await refresh(app, { token: ada.refreshToken })).toMatchObject({ status: 400 })
    expect(await auditTrail()).toContainEqual(expect.objectContaining({ event: 'session.ended' }))
  })

  test('who is disabled is refused, and told so', async () => {
    acme.accounts.set('emil', {})
    await signInThrough(await visitSignIn(app), 'emil')
    await app.store.db.updateTable('users').set({ disabled_at: 1 }).where('sso_id', '=', 'acme|emil').execute()
    const page = pageOf(await signInThrough(await visitSignIn(app), 'emil'), 'sign-in')
    expect(page.error).toEqual({ code: 'upstream-account-disabled', upstream: 'Acme' })
  })

  test('and turns back there is told so on the sign-in page, which still works', async () => {
    const { browser, state } = await visitSignIn(app)
    const back = await new Visitor().turnBack(await chooseUpstream(browser, state))
    const page = pageOf(await comeBack(browser, back), 'sign-in')
    expect(page.error).toEqual({ code: 'upstream-denied', upstream: 'Acme' })
    const response = await browser.follow(await browser.postForm(page.action, signInStep()))
    expect(answerAtApp(response)).toHaveProperty('code')
  })

  test('what was said about the last try is gone with the next', async () => {
    const { browser, state } = await visitSignIn(app)
    await comeBack(browser, await new Visitor().turnBack(await chooseUpstream(browser, state)))
    await browser.postForm(state.action, { ...signInStep(), password: 'wrong' })
    expect(pageOf(await browser.open(state.action), 'sign-in').error).toBeUndefined()
  })
})

describe('the request to a provider (OpenID Connect Core section 3.1.2.1)', () => {
  const requestOf = async (overrides: Record<string, string>, name = 'acme') => {
    const { browser, state } = await visitSignIn(app, { overrides })
    return (await chooseUpstream(browser, state, name)).searchParams
  }

  test('is tied to its answer by state, nonce and PKCE, none of them used twice', async () => {
    const [one, two] = [await requestOf({}), await requestOf({})]
    expect(Object.fromEntries(one)).toEqual({
      client_id: 'portico-at-acme',
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid email profile',
      state: expect.stringMatching(/^acme--[\w-]{20,}\.[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    for (const name of ['state', 'nonce', 'code_challenge']) expect(one.get(name)).not.toBe(two.get(name))
  })

  test('asks for the person again when the app does', async () => {
    expect((await requestOf({ prompt: 'login' })).get('prompt')).toBe('login')
    const { browser } = await signedIn(app)
    const { state } = await visitSignIn(app, { browser, overrides: { max_age: '0' } })
    expect((await chooseUpstream(browser, state)).searchParams.get('prompt')).toBe('login')
  })

  test('carries on only those parameters of the app that the operator listed', async () => {
    const sent = { ui_locales: 'de', domain_hint: 'acme.test', acr_values: 'gold', audience: 'everything' }
    const request = await requestOf(sent)
    expect([request.get('ui_locales'), request.get('domain_hint')]).toEqual(['de', 'acme.test'])
    for (const name of ['acr_values', 'audience', 'login_hint']) expect(request.has(name)).toBe(false)
  })

  test('has the parameters the operator fixed', async () => {
    const request = await requestOf({ prompt: 'login' }, 'fixed')
    expect([request.get('prompt'), request.get('hd')]).toEqual(['select_account', 'acme.test'])
  })
})

test('what waits for an answer is neither readable in the database nor in the log', async () => {
  const { browser, state } = await visitSignIn(app)
  const sent = (await chooseUpstream(browser, state)).searchParams
  const rows = JSON.stringify(await app.store.db.selectFrom('engine_records').selectAll().execute())
  for (const secret of [sent.get('state'), sent.get('nonce'), 'portico_upstream']) {
    expect(rows).not.toContain(secret)
    expect(app.log.join('')).not.toContain(secret)
  }
})

describe('without script', () => {
  test('choosing a provider leads there by a page of ours, so that the form’s policy ends with it', async () => {
    const { browser, state } = await visitSignIn(app)
    const response = await browser.postForm(state.action, { step: 'upstream', upstream: 'acme' })
    const { address } = pageOf(response, 'leaving')
    expect(response.status).toBe(200)
    expect(new URL(address).origin).toBe(acme.issuer)
    expect(response.headers.refresh).toBe(`0;url=${address}`)
    expect(response.headers['content-security-policy']).toContain("form-action 'self';")
    expect(answerAtApp(await comeBack(browser, await new Visitor().signIn(address, 'cleo')))).toHaveProperty('code')
  })

  test('a sign-in page that ran out leads there all the same', async () => {
    const { browser, state } = await visitSignIn(app)
    browser.forget((name) => name.includes('interaction'))
    const step = { step: 'upstream', upstream: 'acme', sealed_request: state.sealedRequest }
    const { address } = pageOf(await browser.postForm(state.action, step), 'leaving')
    const response = await comeBack(browser, await new Visitor().signIn(address, 'cleo'))
    expect(answerAtApp(response)).toMatchObject({ code: expect.any(String), state: 'state-of-the-app' })
  })
})

test('another site can’t send anybody to a provider', async () => {
  const { browser, state } = await visitSignIn(app)
  const step = { step: 'upstream', upstream: 'acme' }
  const response = await browser.postForm(state.action, step, {
    origin: 'https://evil.test',
    'sec-fetch-site': 'cross-site',
  })
  expect(response.status).toBe(403)
})

test('a provider that is no longer offered leads back to the page', async () => {
  const { browser, state } = await visitSignIn(app)
  const response = await browser.postForm(state.action, { step: 'upstream', upstream: 'gone' })
  expect(pageOf(response, 'sign-in').action).toBe(state.action)
})
