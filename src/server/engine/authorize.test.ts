import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aPkce, authorizeUrl, completeSignIn } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { pageStateOf, type TestBrowser, type TestResponse } from '../test/test-browser.ts'
import {
  ADA,
  APP_ORIGIN,
  aClient,
  aConfidentialClient,
  aConfig,
  anImplicitClient,
  ISSUER,
  ORIGIN,
  REDIRECT_URI,
} from '../test/test-config.ts'

let app: TestApp
beforeAll(async () => {
  const onLoopback = anImplicitClient({ client_id: 'legacy-at-home', redirect_uris: ['http://shop.localhost:3003/'] })
  const clients = [aClient({ max_roles: ['Shopper'] }), aConfidentialClient(), anImplicitClient(), onLoopback]
  app = await startTestApp({ config: aConfig({ tenant: { clients } }) })
})
afterAll(() => app.close())

const ask = (overrides: Record<string, string | null> = {}, browser: TestBrowser = app.browser()) =>
  browser.get(authorizeUrl(aPkce(), overrides))

/** The legacy app's request, whose answers come in the fragment. */
const implicit = {
  client_id: 'legacy',
  redirect_uri: 'https://legacy.test/',
  code_challenge: null,
  code_challenge_method: null,
}

function fragmentOf(response: TestResponse): URLSearchParams {
  return new URLSearchParams(response.location?.hash.slice(1))
}

function expectProblemPage(response: TestResponse, problem: string): void {
  expect(response.status).toBe(400)
  expect(response.location).toBeUndefined()
  expect(pageStateOf(response)).toMatchObject({ page: 'problem', problem })
}

describe('the redirect address', () => {
  const lookAlikes = [
    `${REDIRECT_URI}/`,
    `${REDIRECT_URI}?x=1`,
    `${REDIRECT_URI}#x`,
    `${APP_ORIGIN}/Callback`,
    `${APP_ORIGIN}/x/../callback`,
    'HTTP://localhost:3001/callback',
    'http://localhost:3009/callback',
    'http://127.0.0.1:3001/callback',
    'http://localhost:3001@evil.test/callback',
    'https://evil.test/',
    'javascript:alert(1)',
  ]
  it.each(lookAlikes)(
    'is compared character for character: %s gets a page, never a redirect (RFC 9700 section 2.1)',
    async (address) => {
      expectProblemPage(await ask({ redirect_uri: address }), 'redirect-unregistered')
    },
  )

  it('gets no error either while it is not registered (RFC 6749 section 4.1.2.1)', async () => {
    expectProblemPage(
      await ask({ redirect_uri: 'https://evil.test/', response_type: 'nonsense' }),
      'redirect-unregistered',
    )
    expectProblemPage(await ask({ redirect_uri: 'https://evil.test/', prompt: 'none' }), 'redirect-unregistered')
  })

  it('has to be sent, also by a client that registered one only', async () => {
    expectProblemPage(await ask({ redirect_uri: null }), 'request-invalid')
  })

  it("of another client is not this one's", async () => {
    expectProblemPage(await ask({ redirect_uri: 'http://localhost:3002/callback' }), 'redirect-unregistered')
  })
})

describe('an unknown client', () => {
  it.each(['nobody', 'Catalog', ''])(
    'gets a page on our own origin, never a redirect: "%s" (RFC 6749 section 4.1.2.1)',
    async (client_id) => {
      const response = await ask({ client_id })
      expect(response.status).toBe(400)
      expect(response.location).toBeUndefined()
      expect(pageStateOf(response).page).toBe('problem')
    },
  )
})

describe('other errors', () => {
  const faults: [string, Record<string, string | null>, string][] = [
    ['an unknown response type', { response_type: 'nonsense' }, 'unsupported_response_type'],
    ['an unknown prompt', { prompt: 'dance' }, 'invalid_request'],
    ['prompt=none beside another', { prompt: 'none login' }, 'invalid_request'],
    ['a max_age that is no number', { max_age: 'soon' }, 'invalid_request'],
    ['an id_token_hint that is no token', { id_token_hint: 'x' }, 'invalid_request'],
    ['scope with forbidden characters', { scope: 'openid "x"' }, 'invalid_scope'],
    ['a request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }, 'request_not_supported'],
    ['a request_uri on another host', { request_uri: 'https://evil.test/r' }, 'request_uri_not_supported'],
  ]
  it.each(faults)(
    'go back to the registered address with error, the exact state and iss: %s',
    async (_fault, overrides, error) => {
      const state = ' +&=%"<ü✓'
      const { location, status } = await ask({ ...overrides, state })
      expect(status).toBe(303)
      expect(location?.href.startsWith(`${REDIRECT_URI}?`)).toBe(true)
      expect(Object.fromEntries(location?.searchParams ?? [])).toMatchObject({ error, state, iss: ISSUER })
    },
  )

  it('come in the fragment where the answer would have', async () => {
    const { location } = await ask({ ...implicit, response_type: 'id_token token', prompt: 'none' })
    expect(location?.search).toBe('')
    expect(Object.fromEntries(fragmentOf({ location } as TestResponse))).toMatchObject({
      error: 'login_required',
      state: 'state-of-the-app',
      iss: ISSUER,
    })
  })

  it('say nothing about state when none was sent', async () => {
    const { location } = await ask({ response_type: 'nonsense', state: null })
    expect(location?.searchParams.has('state')).toBe(false)
  })
})

describe('parameters', () => {
  it.each(['scope', 'nonce', 'code_challenge', 'response_type', 'prompt'])(
    'sent twice are refused: %s (RFC 6749 section 3.1)',
    async (name) => {
      const url = authorizeUrl(aPkce(), { prompt: 'login' })
      const twice = `${url}&${name}=${new URL(url).searchParams.get(name)}`
      const { location } = await app.browser().get(twice)
      expect(location?.href.startsWith(REDIRECT_URI)).toBe(true)
      expect(location?.searchParams.get('error')).toBe('invalid_request')
    },
  )

  it.each(['client_id', 'redirect_uri'])(
    'that say where an answer goes get a page when sent twice: %s',
    async (name) => {
      const url = authorizeUrl(aPkce())
      const twice = `${url}&${name}=${encodeURIComponent(new URL(url).searchParams.get(name) ?? '')}`
      const response = await app.browser().get(twice)
      expect(response.status).toBe(400)
      expect(response.location).toBeUndefined()
    },
  )

  it('are not echoed when it is state that came twice', async () => {
    const { location } = await app.browser().get(`${authorizeUrl(aPkce())}&state=second`)
    expect(location?.searchParams.get('error')).toBe('invalid_request')
    expect(location?.searchParams.has('state')).toBe(false)
  })

  it('count as absent when empty (RFC 6749 section 3.1)', async () => {
    const { location } = await ask({ code_challenge: '' })
    expect(location?.searchParams.get('error')).toBe('invalid_request')
    const opened = await ask({ prompt: '', max_age: '', id_token_hint: '' })
    expect(opened.location?.pathname).toMatch(/^\/demo\/interaction\//)
  })

  it('are ignored when unknown (RFC 6749 section 3.1)', async () => {
    const { location } = await ask({ utm_source: 'mail', client_secret: 'x', __proto__x: 'y' })
    expect(location?.pathname).toMatch(/^\/demo\/interaction\//)
  })
})

describe('CORS', () => {
  it('is silent at the authorization endpoint: only whole pages go there (RFC 9700 section 2.6)', async () => {
    const browser = app.browser()
    const origin = { origin: APP_ORIGIN, 'sec-fetch-mode': 'cors' }
    const answers = [
      await browser.get(authorizeUrl(aPkce()), origin),
      await browser.get(authorizeUrl(aPkce(), { redirect_uri: 'https://evil.test/' }), origin),
      await app.server.inject({
        method: 'OPTIONS',
        url: '/demo/authorize',
        headers: { host: new URL(ORIGIN).host, ...origin, 'access-control-request-method': 'GET' },
      }),
    ]
    for (const { headers } of answers) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    }
  })
})

describe('the answer', () => {
  it('carries iss for every response type (RFC 9207 section 2)', async () => {
    const browser = app.browser()
    const code = await completeSignIn(browser, await ask({}, browser))
    expect(code.location?.searchParams.get('iss')).toBe(ISSUER)
    for (const response_type of ['id_token', 'id_token token']) {
      const answer = await browser.follow(await ask({ ...implicit, response_type }, browser))
      expect(Object.fromEntries(fragmentOf(answer))).toMatchObject({
        id_token: expect.any(String),
        iss: ISSUER,
        state: 'state-of-the-app',
      })
    }
  })

  it('carries iss also when the person denies', async () => {
    const browser = app.browser()
    const page = await browser.open(authorizeUrl(aPkce(), { prompt: 'consent' }))
    const signedIn = await browser.postForm(pageAction(page), { step: 'sign-in', ...ADA })
    const consent = await browser.follow(signedIn)
    const denied = await browser.follow(
      await browser.postForm(pageAction(consent), { step: 'consent', decision: 'deny' }),
    )
    expect(Object.fromEntries(denied.location?.searchParams ?? [])).toMatchObject({
      error: 'access_denied',
      iss: ISSUER,
      state: 'state-of-the-app',
    })
  })
})

describe('response types and modes', () => {
  it("are the client's own: one it lacks is refused although the server knows it (RFC 6749 section 3.1.1)", async () => {
    const tokens = await ask({ response_type: 'id_token token' })
    expect(fragmentOf(tokens).get('error')).toBe('invalid_request')
    const code = await ask({ ...implicit, response_type: 'code' })
    expect(code.location?.searchParams.get('error')).toBe('invalid_request')
  })

  it("of another flow's hybrid kind are unknown", async () => {
    const { location } = await ask({ response_type: 'code id_token' })
    expect(fragmentOf({ location } as TestResponse).get('error')).toBe('unsupported_response_type')
  })

  const modes: [string, Record<string, string>, boolean][] = [
    ['a page, code in the query', { response_mode: 'query' }, true],
    ['a page, code in the fragment', { response_mode: 'fragment' }, true],
    ['a page, code posted to it', { response_mode: 'form_post' }, false],
    [
      'a server, code posted to it',
      { client_id: 'orders', redirect_uri: 'http://localhost:3002/callback', response_mode: 'form_post' },
      true,
    ],
    [
      'a server, code in the fragment',
      { client_id: 'orders', redirect_uri: 'http://localhost:3002/callback', response_mode: 'fragment' },
      false,
    ],
    ['an unknown mode', { response_mode: 'smoke_signals' }, false],
  ]
  it.each(modes)('fit who receives them: %s', async (_case, overrides, isAccepted) => {
    const { location, body } = await ask(overrides)
    const isOpened = location?.pathname.startsWith('/demo/interaction/') ?? false
    expect(isOpened).toBe(isAccepted)
    if (!isAccepted) expect(`${location?.href}${body}`).toMatch(/invalid_request|unsupported_response_mode/)
  })

  it("of the implicit kind also work on a developer's machine", async () => {
    const redirect_uri = 'http://shop.localhost:3003/'
    const { location } = await ask({
      ...implicit,
      client_id: 'legacy-at-home',
      redirect_uri,
      response_type: 'id_token',
    })
    expect(location?.pathname).toMatch(/^\/demo\/interaction\//)
  })

  it('never put a token in the query (OAuth 2.0 Multiple Response Types, section 3)', async () => {
    const browser = app.browser()
    await completeSignIn(browser, await ask({}, browser))
    const { location } = await ask({ ...implicit, response_type: 'id_token token', response_mode: 'query' }, browser)
    expect(location?.href).toContain('error=invalid_request')
    expect(location?.href).not.toContain('id_token=')
  })

  it.each(['id_token', 'id_token token'])(
    'that hand out an ID token at once need a nonce: %s (OpenID Connect Core section 3.2.2.1)',
    async (response_type) => {
      const { location } = await ask({ ...implicit, response_type, nonce: null })
      expect(Object.fromEntries(fragmentOf({ location } as TestResponse))).toMatchObject({
        error: 'invalid_request',
        error_description: expect.stringContaining('nonce'),
      })
    },
  )
})

describe('scope', () => {
  it("beyond the client's maximum is invalid_scope, also for a person who holds it (RFC 6749 section 3.3)", async () => {
    const browser = app.browser()
    const answer = await completeSignIn(browser, await ask({ scope: 'openid MeAdmin' }, browser), {
      username: 'ben',
      password: 'seven quiet lanterns',
    })
    expect(answer.location?.href.startsWith(REDIRECT_URI)).toBe(true)
    expect(answer.location?.searchParams.get('error')).toBe('invalid_scope')
  })

  it('a person does not hold is told to the app only after they signed in', async () => {
    const browser = app.browser()
    const opened = await ask({ scope: 'openid MeAdmin' }, browser)
    expect(opened.location?.pathname).toMatch(/^\/demo\/interaction\//)
    const answer = await completeSignIn(browser, opened)
    expect(answer.location?.searchParams.get('error')).toBe('invalid_scope')
  })
})

function pageAction(response: TestResponse): string {
  const state = pageStateOf(response)
  if (!('action' in state)) throw new Error(`no form on the page ${state.page}`)
  return state.action
}
