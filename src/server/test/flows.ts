import { createHash, randomBytes } from 'node:crypto'
import type { DpopKey } from './dpop-key.ts'
import type { ReachableApp } from './test-app.ts'
import { pageStateOf, type TestBrowser, type TestResponse } from './test-browser.ts'
import { ADA, ISSUER, ORDERS_SECRET, REDIRECT_URI } from './test-config.ts'

export interface Pkce {
  verifier: string
  challenge: string
}

export function aPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** The catalog's authorization request; `null` leaves a parameter out. */
export function authorizeUrl(pkce: Pkce, overrides: Record<string, string | null> = {}): string {
  const parameters: Record<string, string | null> = {
    client_id: 'catalog',
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile',
    state: 'state-of-the-app',
    nonce: 'nonce-of-the-app',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
    ...overrides,
  }
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== null)
  return `${ISSUER}/authorize?${new URLSearchParams(given)}`
}

/** Signs in on the page that `response` is, and allows what is asked; answers with the redirect to the app. */
export async function completeSignIn(
  browser: TestBrowser,
  response: TestResponse,
  { username, password }: { username: string; password: string } = ADA,
): Promise<TestResponse> {
  let page = await browser.follow(response)
  for (let steps = 0; steps < 4 && page.status === 200; steps++) {
    const state = pageStateOf(page)
    if (state.page === 'sign-in') {
      page = await browser.follow(await browser.postForm(state.action, { step: 'sign-in', username, password }))
    } else if (state.page === 'consent') {
      page = await browser.follow(await browser.postForm(state.action, { step: 'consent', decision: 'allow' }))
    } else break
  }
  return page
}

/** A whole sign-in at the portal: the code the app gets. */
export async function obtainCode(
  browser: TestBrowser,
  pkce: Pkce,
  {
    overrides = {},
    person = ADA,
  }: { overrides?: Record<string, string | null>; person?: { username: string; password: string } } = {},
): Promise<string> {
  const answer = await completeSignIn(browser, await browser.get(authorizeUrl(pkce, overrides)), person)
  const code = answer.location?.searchParams.get('code')
  if (!code) throw new Error(`no code: ${answer.status} ${answer.location?.href ?? answer.body.slice(0, 300)}`)
  return code
}

export interface TokenResponse {
  status: number
  headers: Record<string, unknown>
  body: Record<string, unknown> & { access_token?: string; refresh_token?: string; id_token?: string; error?: string }
}

/** Posts a form to an endpoint of the tenant, with a DPoP proof when a key is given. */
export async function postToEndpoint(
  app: ReachableApp,
  endpoint: string,
  fields: Record<string, string>,
  { key, proof, headers = {} }: { key?: DpopKey | undefined; proof?: string; headers?: Record<string, string> } = {},
): Promise<TokenResponse> {
  const url = `${ISSUER}/${endpoint}`
  const dpop = proof ?? (await key?.proof({ url }))
  const response = await app.server.inject({
    method: 'POST',
    url: new URL(url).pathname,
    headers: {
      host: new URL(url).host,
      'content-type': 'application/x-www-form-urlencoded',
      ...(dpop && { dpop }),
      ...headers,
    },
    payload: new URLSearchParams(fields).toString(),
  })
  return { status: response.statusCode, headers: response.headers, body: response.body ? response.json() : {} }
}

export function redeem(
  app: ReachableApp,
  {
    code,
    pkce,
    key,
    fields = {},
  }: { code: string; pkce: Pkce; key?: DpopKey | undefined; fields?: Record<string, string> },
): Promise<TokenResponse> {
  const form = {
    grant_type: 'authorization_code',
    client_id: 'catalog',
    code,
    code_verifier: pkce.verifier,
    redirect_uri: REDIRECT_URI,
  }
  return postToEndpoint(app, 'token', { ...form, ...fields }, { key })
}

export function refresh(
  app: ReachableApp,
  { token, key, fields = {} }: { token: string; key?: DpopKey | undefined; fields?: Record<string, string> },
): Promise<TokenResponse> {
  return postToEndpoint(
    app,
    'token',
    { grant_type: 'refresh_token', client_id: 'catalog', refresh_token: token, ...fields },
    { key },
  )
}

/** Signed in at the catalog, with tokens. */
export async function signedIn(
  app: ReachableApp,
  {
    browser = app.browser(),
    person = ADA,
    key,
    overrides = {},
  }: { browser?: TestBrowser; person?: typeof ADA; key?: DpopKey; overrides?: Record<string, string | null> } = {},
) {
  const pkce = aPkce()
  const code = await obtainCode(browser, pkce, { overrides, person })
  const response = await redeem(app, { code, pkce, key })
  if (response.status !== 200) throw new Error(`no tokens: ${JSON.stringify(response.body)}`)
  const { access_token = '', refresh_token = '', id_token = '' } = response.body
  return {
    browser,
    code,
    pkce,
    accessToken: access_token,
    refreshToken: refresh_token,
    idToken: id_token,
    answer: response.body,
  }
}

export function basicAuth(clientId = 'orders', secret = ORDERS_SECRET): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` }
}

export const GUEST_GRANT = 'urn:portico:grant-type:guest'

/** A new guest at the catalog. */
export async function startGuest(
  app: ReachableApp,
  { key, fields = {} }: { key?: DpopKey | undefined; fields?: Record<string, string> } = {},
) {
  const response = await postToEndpoint(
    app,
    'token',
    { grant_type: GUEST_GRANT, client_id: 'catalog', ...fields },
    { key },
  )
  if (response.status !== 200) throw new Error(`no guest: ${JSON.stringify(response.body)}`)
  const { access_token = '', refresh_token = '', session_id } = response.body
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    sessionId: String(session_id),
    answer: response.body,
  }
}

/** Pushes the catalog's authorization request with a guest's token (RFC 9126); answers with the address to open. */
export async function pushRequest(
  app: ReachableApp,
  pkce: Pkce,
  {
    guestToken,
    key,
    fields = {},
  }: { guestToken?: string; key?: DpopKey | undefined; fields?: Record<string, string> } = {},
): Promise<TokenResponse & { url: string }> {
  const query = Object.fromEntries(new URL(authorizeUrl(pkce)).searchParams)
  const form: Record<string, string> = {
    ...query,
    ...(guestToken !== undefined && { guest_token: guestToken }),
    ...fields,
  }
  const response = await postToEndpoint(app, 'par', form, { key })
  const { client_id = '' } = form
  const parameters = new URLSearchParams({ client_id, request_uri: String(response.body.request_uri) })
  return { ...response, url: `${ISSUER}/authorize?${parameters}` }
}

interface GuestSignIn {
  browser?: TestBrowser | undefined
  key?: DpopKey | undefined
  person?: typeof ADA
}

/** A guest who has signed in at the portal: what is left is to redeem the code. */
export async function obtainGuestCode(
  app: ReachableApp,
  guestToken: string,
  { browser = app.browser(), key, person = ADA }: GuestSignIn = {},
): Promise<{ code: string; pkce: Pkce; key?: DpopKey | undefined }> {
  const pkce = aPkce()
  const { url } = await pushRequest(app, pkce, { guestToken, key })
  const answer = await completeSignIn(browser, await browser.get(url), person)
  const code = answer.location?.searchParams.get('code')
  if (!code) throw new Error(`no code: ${answer.status} ${answer.location?.href ?? answer.body.slice(0, 300)}`)
  return { code, pkce, key }
}

/** From guest to member: pushes, signs in, redeems. */
export async function signInAsGuest(
  app: ReachableApp,
  guestToken: string,
  options: GuestSignIn = {},
): Promise<TokenResponse> {
  return redeem(app, await obtainGuestCode(app, guestToken, options))
}
