import { decodeJwt, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { aPkce } from '../../test/flows.ts'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { ADA, AUDIENCE, aClient, aConfig, BEN, ISSUER, ORIGIN, REDIRECT_URI } from '../../test/test-config.ts'
import { startUpstream, type UpstreamServer } from '../../upstream/test/upstream-server.ts'
import { Visitor } from '../../upstream/test/visitor.ts'

const VISITOR_SECONDS = 3_600
const VISIT_SECONDS = 86_400
const CUSTOMER_SECONDS = 7_200
const THEIR_AUDIENCE = 'https://api.acme.test'
const EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'

let acme: UpstreamServer
let partner: UpstreamServer
let app: TestApp
beforeAll(async () => {
  acme = await startUpstream({ redirectUris: [REDIRECT_URI] })
  partner = await startUpstream()
  acme.accounts.set('cleo', { email: 'cleo@acme.test', email_verified: true })
  const storefront = aClient({
    client_id: 'storefront',
    grant_types: [
      'password',
      'refresh_token',
      'urn:portico:grant-type:guest',
      'urn:portico:grant-type:upstream',
      EXCHANGE_GRANT,
    ],
    guest: { template_user: 'visitor', access_token_ttl: VISITOR_SECONDS, refresh_token_ttl: VISIT_SECONDS },
    access_token_ttl: CUSTOMER_SECONDS,
    upstream_tokens: true,
  })
  const other = aClient({
    client_id: 'other',
    grant_types: ['urn:portico:grant-type:guest'],
    guest: { template_user: 'visitor' },
  })
  const exchange = {
    name: 'partner',
    flow: 'exchange',
    issuer: partner.issuer,
    audience: THEIR_AUDIENCE,
    provision: true,
  }
  const tenant = {
    compat: { emporix: { signup: { roles: ['Shopper'], password_characters: 8 } } },
    clients: [storefront, other],
    upstream: [acme.entry({ provision: true, roles: ['Shopper'] }), { ...exchange, roles: ['Shopper'] }],
    users: [
      { ...ADA, email: 'ada@demo.test', roles: ['Shopper'], legal_entities: ['acme-gmbh'] },
      { ...BEN, email: 'ben@demo.test', roles: ['Shopper'] },
      { username: 'visitor', guest_template: true, roles: ['Browser'] },
    ],
  }
  app = await startTestApp({ config: aConfig({ tenant }) })
})
afterAll(async () => {
  await app.close()
  await acme.close()
  await partner.close()
})
afterEach(() => vi.useRealTimers())

interface Sent {
  json?: unknown
  query?: Record<string, string>
  bearer?: string | undefined
  headers?: Record<string, string>
}

async function send(method: 'GET' | 'POST' | 'PATCH', path: string, { json, query = {}, bearer, headers }: Sent = {}) {
  const response = await app.server.inject({
    method,
    url: path,
    query,
    headers: {
      host: new URL(ORIGIN).host,
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    ...(json !== undefined && { payload: JSON.stringify(json) }),
  })
  const body = response.body === '' ? {} : JSON.parse(response.body)
  return { status: response.statusCode, headers: response.headers, body }
}

const anonymous = (query: Record<string, string> = {}) =>
  send('GET', '/customerlogin/auth/anonymous/login', { query: { tenant: 'demo', client_id: 'storefront', ...query } })
const renewVisit = (query: Record<string, string>) =>
  send('GET', '/customerlogin/auth/anonymous/refresh', { query: { tenant: 'demo', client_id: 'storefront', ...query } })
const visitor = async (query?: Record<string, string>): Promise<Record<string, string>> => (await anonymous(query)).body

const customer = (path: string) => `/customer/demo/${path}`
const logIn = (bearer: string | undefined, person: { username: string; password: string } = ADA) =>
  send('POST', customer('login'), {
    bearer,
    json: { email: `${person.username}@demo.test`, password: person.password },
  })
const loggedIn = async (person = ADA): Promise<Record<string, string>> =>
  (await logIn((await visitor()).access_token, person)).body
const renew = (refreshToken: string | undefined, query: Record<string, string> = {}) =>
  send('GET', customer('refreshauthtoken'), { query: { refreshToken: refreshToken ?? '', ...query } })
const validate = (bearer: string | undefined) => send('GET', customer('validateauthtoken'), { bearer })
const context = (bearer: string | undefined) => send('GET', '/session-context/demo/me/context', { bearer })
const change = (bearer: string | undefined, json: object) =>
  send('PATCH', '/session-context/demo/me/context', { bearer, json })

/** Their two envelopes. */
const fault = (errorcode = 'keymanagement.service.invalid_access_token') => ({
  status: 401,
  body: { fault: { faultstring: expect.any(String), detail: { errorcode } } },
})
const refused = (status: number, type: string) => ({
  status,
  body: { status, type, message: expect.any(String), moreInfo: '', details: expect.any(Array) },
})

describe('a visit', () => {
  test('begins with every documented field', async () => {
    const { status, body } = await anonymous({ siteCode: 'main', currency: 'EUR', language: 'de' })
    expect(status).toBe(200)
    expect(body).toEqual({
      token_type: 'Bearer',
      access_token: expect.any(String),
      expires_in: VISITOR_SECONDS,
      refresh_token: expect.any(String),
      refresh_token_expires_in: VISIT_SECONDS,
      sessionId: expect.any(String),
      scope: 'tenant=demo Browser',
    })
    expect(decodeJwt(body.access_token)).toMatchObject({
      iss: ISSUER,
      aud: AUDIENCE,
      guest: true,
      session_id: body.sessionId,
      client_id: 'storefront',
    })
  })

  test('goes on under the same session id, with a token that says so', async () => {
    const { refresh_token = '', sessionId } = await visitor()
    const answer = await renewVisit({ refresh_token })
    expect(answer).toMatchObject({ status: 200, body: { sessionId, expires_in: VISITOR_SECONDS } })
    expect(decodeJwt(answer.body.access_token).session_id).toBe(sessionId)
  })

  test('goes on by its last access token as well, as it used to be', async () => {
    const { access_token = '', sessionId } = await visitor({ currency: 'EUR' })
    const answer = await renewVisit({ anonymous_token: access_token })
    expect(answer).toMatchObject({ status: 200, body: { sessionId } })
    expect(decodeJwt(answer.body.access_token).currency).toBe('EUR')
  })

  test('never goes on past its end, however it is renewed', async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    const { access_token = '' } = await visitor()
    const { visit_end } = decodeJwt(access_token)
    const { body } = await renewVisit({ anonymous_token: access_token })
    expect(decodeJwt(body.access_token).visit_end).toBe(visit_end)
    vi.setSystemTime(Date.now() + VISIT_SECONDS * 1000)
    expect((await renewVisit({ refresh_token: body.refresh_token })).status).toBe(401)
  })

  test('renewed with a token in the address is said to be on its way out', async () => {
    const { refresh_token = '' } = await visitor()
    expect((await renewVisit({ refresh_token })).headers.deprecation).toMatch(/^@\d+$/)
    expect(app.log.join('')).not.toContain(refresh_token)
  })

  test.each<[string, Record<string, string>, unknown]>([
    ['without a client', { client_id: '' }, refused(400, 'fields_invalid')],
    ['for a client nobody knows', { client_id: 'nobody' }, fault('oauth.v2.InvalidClientIdentifier')],
    ['for a tenant in capitals', { tenant: 'DEMO' }, refused(400, 'fields_invalid')],
    ['for no tenant', { tenant: '' }, refused(400, 'fields_invalid')],
    ['for a tenant nobody knows', { tenant: 'nobody' }, refused(404, 'not_found')],
    ['with a value that is too long', { currency: 'E'.repeat(201) }, refused(400, 'invalid_request')],
  ])('is refused %s', async (_what, query, answer) => {
    expect(await anonymous(query)).toMatchObject(answer as object)
  })

  test('is not renewed by what isn’t a visitor’s, or is another client’s', async () => {
    const mine = await loggedIn()
    const theirs = await visitor({ client_id: 'other' })
    const unknown = fault('keymanagement.service.invalid_refresh_token')
    expect(await renewVisit({ refresh_token: 'unknown' })).toMatchObject(unknown)
    expect(await renewVisit({ refresh_token: mine.refresh_token ?? '' })).toMatchObject(unknown)
    expect(await renewVisit({ refresh_token: theirs.refresh_token ?? '' })).toMatchObject(unknown)
    expect(await renewVisit({ anonymous_token: theirs.access_token ?? '' })).toMatchObject(unknown)
    expect(await renewVisit({ anonymous_token: mine.access_token ?? '' })).toMatchObject(unknown)
    expect(await renewVisit({})).toMatchObject(refused(400, 'fields_invalid'))
  })
})

describe('login', () => {
  test('answers with every documented field, and keeps the session id', async () => {
    const { access_token, sessionId } = await visitor()
    const { status, body } = await logIn(access_token)
    expect(status).toBe(200)
    expect(body).toEqual({
      access_token: expect.any(String),
      saas_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: CUSTOMER_SECONDS,
      refresh_token: expect.any(String),
      refresh_token_expires_in: expect.any(Number),
      session_id: sessionId,
      initialPassword: false,
    })
    expect(decodeJwt(body.saas_token)).toMatchObject({ session_id: sessionId, roles: ['Shopper'] })
  })

  test('ends the visit it came from', async () => {
    const { access_token, refresh_token = '' } = await visitor()
    await logIn(access_token)
    expect((await renewVisit({ refresh_token })).status).toBe(401)
    expect((await context(access_token)).status).toBe(401)
    expect((await logIn(access_token, BEN)).status).toBe(401)
  })

  test('queues one event that hands the cart over', async () => {
    const { access_token, sessionId } = await visitor()
    await logIn(access_token)
    const upgrades = await app.store.db
      .selectFrom('guest_upgrades')
      .selectAll()
      .where('session_id', '=', sessionId ?? '')
      .execute()
    expect(upgrades).toHaveLength(1)
  })

  test.each<[string, () => Promise<unknown>, unknown]>([
    ['without a visitor’s token', () => logIn(undefined), fault()],
    ['with a customer’s token', async () => logIn((await loggedIn()).access_token), fault()],
    [
      'with a wrong password',
      async () => logIn((await visitor()).access_token, { ...ADA, password: 'wrong' }),
      fault('oauth.v2.InvalidCredentials'),
    ],
    [
      'for an address nobody has',
      async () => logIn((await visitor()).access_token, { username: 'nobody', password: 'wrong' }),
      fault('oauth.v2.InvalidCredentials'),
    ],
    [
      'at a client without that grant',
      async () => logIn((await visitor({ client_id: 'other' })).access_token),
      refused(403, 'unauthorized_client'),
    ],
    [
      'without a password',
      async () => send('POST', customer('login'), { bearer: (await visitor()).access_token, json: { email: 'x' } }),
      refused(400, 'fields_invalid'),
    ],
  ])('is refused %s', async (_what, ask, answer) => {
    expect(await ask()).toMatchObject(answer as object)
  })

  test('tells an access token that has ended from one that is none', async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    const { access_token } = await visitor()
    vi.setSystemTime(Date.now() + (VISITOR_SECONDS + 60) * 1000)
    expect(await logIn(access_token)).toMatchObject(fault('keymanagement.service.access_token_expired'))
    expect(await logIn('nonsense')).toMatchObject(fault())
  })
})

describe('a customer’s tokens', () => {
  test('are renewed with every documented field, without a saas token, in the same session', async () => {
    const { refresh_token, session_id } = await loggedIn()
    const { status, body } = await renew(refresh_token)
    expect(status).toBe(200)
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: CUSTOMER_SECONDS,
      refresh_token: expect.any(String),
      refresh_token_expires_in: expect.any(Number),
      session_id,
    })
    expect(body.refresh_token).not.toBe(refresh_token)
  })

  test('are for the company that is named, if the customer belongs to it', async () => {
    const { refresh_token } = await loggedIn()
    const { body } = await renew(refresh_token, { legalEntityId: 'acme-gmbh' })
    expect(decodeJwt(body.access_token).legal_entity_id).toBe('acme-gmbh')
    expect((await validate(body.access_token)).body.legalEntityId).toBe('acme-gmbh')
    expect(await renew(body.refresh_token, { legalEntityId: 'another' })).toMatchObject(refused(403, 'access_denied'))
    const unscoped = await renew(body.refresh_token)
    expect(decodeJwt(unscoped.body.access_token).legal_entity_id).toBeUndefined()
  })

  test('are validated with every documented field', async () => {
    const { access_token, session_id } = await loggedIn()
    const { status, body } = await validate(access_token)
    expect(status).toBe(200)
    expect(body).toEqual({
      token_type: 'Bearer',
      expires_in: expect.any(Number),
      scope: expect.stringMatching(/^tenant=demo( |$)/),
      sessionId: session_id,
      email: 'ada@demo.test',
    })
    expect(body.expires_in).toBeGreaterThan(CUSTOMER_SECONDS - 60)
    expect(await validate('nonsense')).toMatchObject(fault())
    expect(await validate((await visitor()).access_token)).toMatchObject(fault())
  })

  test('end at logout, all of this login and nothing else', async () => {
    const [here, there] = [await loggedIn(), await loggedIn()]
    const query = { accessToken: here.access_token ?? '' }
    const answer = await send('GET', customer('logout'), { bearer: here.access_token, query })
    expect(answer).toMatchObject({ status: 204, headers: { deprecation: expect.any(String) } })
    expect((await validate(here.access_token)).status).toBe(401)
    expect((await renew(here.refresh_token)).status).toBe(401)
    expect((await validate(there.access_token)).status).toBe(200)
    expect(app.log.join('')).not.toContain(here.access_token)
  })

  test('are not ended by who holds another', async () => {
    const [mine, theirs] = [await loggedIn(), await loggedIn(BEN)]
    const query = { accessToken: theirs.access_token ?? '' }
    expect(await send('GET', customer('logout'), { bearer: mine.access_token, query })).toMatchObject(
      refused(403, 'access_denied'),
    )
    expect(await send('GET', customer('logout'), { query })).toMatchObject(fault())
    expect(await send('GET', customer('logout'), { bearer: mine.access_token })).toMatchObject(
      refused(400, 'fields_invalid'),
    )
    expect((await validate(theirs.access_token)).status).toBe(200)
  })

  test.each([
    ['nobody was given', 'unknown', fault('keymanagement.service.invalid_refresh_token')],
    ['that wasn’t sent', '', refused(400, 'fields_invalid')],
  ])('are not renewed by a token %s', async (_what, token, answer) => {
    expect(await renew(token)).toMatchObject(answer as object)
  })
})

describe('sign-up', () => {
  const signUp = async (json: object, bearer?: string) =>
    send('POST', customer('signup'), { bearer: bearer ?? (await visitor()).access_token, json })
  const dora = {
    email: 'Dora@Demo.test',
    password: 'eight or more',
    customerDetails: { firstName: 'Dora', lastName: 'Ek' },
  }

  test('makes an account that can log in, and says its id', async () => {
    const { status, body } = await signUp(dora)
    expect({ status, body }).toEqual({ status: 201, body: { id: expect.any(String) } })
    const { access_token, sessionId } = await visitor()
    const answer = await logIn(access_token, { username: 'dora', password: dora.password })
    expect(answer).toMatchObject({ status: 200, body: { session_id: sessionId } })
    expect(decodeJwt(answer.body.access_token)).toMatchObject({ sub: body.id, roles: ['Shopper'] })
    const user = await app.store.db.selectFrom('users').selectAll().where('id', '=', body.id).executeTakeFirstOrThrow()
    expect(user).toMatchObject({ email_verified: 0, name: 'Dora Ek' })
    expect(user.password_hash).not.toContain(dora.password)
  })

  test('is refused for an address that somebody has, in any spelling', async () => {
    expect(await signUp({ ...dora, email: ' ADA@demo.test' })).toMatchObject(refused(409, 'conflict'))
  })

  test('of one address twice at once makes one account', async () => {
    const json = { email: 'twice@demo.test', password: 'eight or more' }
    const answers = await Promise.all([signUp(json), signUp(json), signUp(json)])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409])
  })

  test.each([
    ['no address', { password: 'eight or more' }, 'email'],
    ['what is no address', { ...dora, email: 'dora' }, 'email'],
    ['a short password', { ...dora, email: 'e@demo.test', password: 'short' }, 'password'],
    ['a name of another type', { ...dora, customerDetails: { firstName: 7 } }, 'customerDetails.firstName'],
  ])('names the field for %s', async (_what, json, field) => {
    const answer = await signUp(json)
    expect(answer).toMatchObject(refused(400, 'fields_invalid'))
    expect(answer.body.details).toContainEqual(expect.objectContaining({ field, message: expect.any(String) }))
  })

  test('needs a visitor’s token', async () => {
    expect(await signUp(dora, 'nonsense')).toMatchObject(fault())
  })

  test('is bounded for one network', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9' }
    const answers = []
    const { access_token: bearer } = await visitor()
    for (let index = 0; index < 25; index++) {
      const json = { email: `crowd${index}@demo.test`, password: 'eight or more' }
      answers.push(await send('POST', customer('signup'), { bearer, json, headers }))
    }
    const last = answers.at(-1)
    expect(last).toMatchObject(refused(429, 'too_many_requests'))
    expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0)
  }, 60_000)

  test('is closed where the configuration doesn’t open it', async () => {
    const own = app
    const guest = aClient({
      client_id: 'storefront',
      grant_types: ['urn:portico:grant-type:guest'],
      guest: { template_user: 'visitor' },
    })
    app = await startTestApp({ config: aConfig({ tenant: { compat: { emporix: {} }, clients: [guest] } }) })
    const answer = await signUp(dora)
    await app.close()
    app = own
    expect(answer).toMatchObject(refused(403, 'access_denied'))
  })
})

describe('somebody from the shop’s own provider', () => {
  async function comeBack() {
    const pkce = aPkce()
    const query = new URLSearchParams({
      client_id: String(acme.entry().client_id),
      response_type: 'code',
      redirect_uri: REDIRECT_URI,
      scope: 'openid email',
      state: 'acme--made-by-the-app',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
    })
    const { url } = await new Visitor().signIn(`${acme.issuer}/auth?${query}`, 'cleo')
    return { code: url.searchParams.get('code') ?? '', redirect_uri: REDIRECT_URI, code_verifier: pkce.verifier }
  }
  const social = (bearer: string | undefined, query: Record<string, string>, headers = {}) =>
    send('POST', customer('socialLogin'), { bearer, query, headers })

  test('logs in by its code, with ends as text and the provider’s tokens', async () => {
    const { access_token, sessionId = '' } = await visitor()
    const answer = await social(access_token, await comeBack(), { 'session-id': sessionId })
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      social_access_token: expect.any(String),
      social_id_token: expect.any(String),
      access_token: expect.any(String),
      saas_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: String(CUSTOMER_SECONDS),
      refresh_token: expect.any(String),
      refresh_token_expires_in: expect.stringMatching(/^\d+$/),
      session_idle_time: expect.any(Number),
      scope: expect.stringMatching(/^tenant=demo( |$)/),
    })
    expect(decodeJwt(answer.body.access_token)).toMatchObject({ session_id: sessionId, roles: ['Shopper'] })
  })

  test('is refused with another’s session id, a bad code, or without a visitor’s token', async () => {
    const { access_token } = await visitor()
    const other = await visitor()
    expect(await social(access_token, await comeBack(), { 'session-id': other.sessionId })).toMatchObject(
      refused(400, 'invalid_request'),
    )
    const made = { code: 'made-up', redirect_uri: REDIRECT_URI, code_verifier: aPkce().verifier }
    expect(await social(access_token, made)).toMatchObject({ status: 401 })
    expect(await social(access_token, { redirect_uri: REDIRECT_URI })).toMatchObject(refused(400, 'fields_invalid'))
    expect(await social(undefined, made)).toMatchObject(fault())
  })

  function theirToken(claims: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const { privateKey, kid } = partner.keys
    return new SignJWT({ iss: partner.issuer, sub: 'finn', aud: THEIR_AUDIENCE, iat: now, exp: now + 300, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid })
      .sign(privateKey)
  }
  const exchange = (bearer: string | undefined, query: Record<string, string>) =>
    send('POST', customer('exchangeauthtoken'), { bearer, query })

  test('trades a token of it', async () => {
    const { access_token, sessionId } = await visitor()
    const subjectAccessToken = await theirToken()
    const answer = await exchange(access_token, { subjectAccessToken, config: 'partner' })
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      saas_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: CUSTOMER_SECONDS,
      refresh_token: expect.any(String),
      refresh_token_expires_in: expect.any(Number),
      session_id: sessionId,
      subject_access_token: subjectAccessToken,
      scope: expect.stringMatching(/^tenant=demo( |$)/),
      session_idle_time: expect.any(Number),
    })
    expect(app.log.join('')).not.toContain(subjectAccessToken)
  })

  test('is refused for a configuration nobody knows, and for a token that isn’t good', async () => {
    const { access_token } = await visitor()
    expect(await exchange(access_token, { subjectAccessToken: await theirToken(), config: 'nobody' })).toMatchObject(
      refused(400, 'invalid_request'),
    )
    expect(await exchange(access_token, { subjectAccessToken: await theirToken({ aud: 'else' }) })).toMatchObject({
      status: 401,
    })
    expect(await exchange(access_token, {})).toMatchObject(refused(400, 'fields_invalid'))
  })
})

describe('the session context', () => {
  const chosen = { siteCode: 'main', currency: 'EUR', language: 'de', targetLocation: 'DE' }

  test('is there from the start, with what the visit began with, and costs no row', async () => {
    const { access_token, sessionId } = await visitor(chosen)
    expect(await context(access_token)).toMatchObject({
      status: 200,
      body: { sessionId, customerId: '', ...chosen, context: {}, metadata: { version: 1 } },
    })
    expect(await app.store.db.selectFrom('session_contexts').selectAll().execute()).toEqual([])
  })

  test('changes where it is told, one version at a time', async () => {
    const { access_token } = await visitor(chosen)
    const notes = { currency: 'CHF', context: { campaign: 'autumn' } }
    expect((await change(access_token, { ...notes, metadata: { version: 1 } })).status).toBe(204)
    expect((await context(access_token)).body).toMatchObject({ ...chosen, ...notes, metadata: { version: 2 } })
    expect(await change(access_token, { currency: 'USD', metadata: { version: 1 } })).toMatchObject({
      status: 409,
      body: { code: 409, message: expect.any(String) },
    })
    expect((await change(access_token, { language: 'fr', metadata: { version: 2 } })).status).toBe(204)
    expect((await context(access_token)).body).toMatchObject({
      currency: 'CHF',
      language: 'fr',
      metadata: { version: 3 },
    })
  })

  test('changed twice at once from one version is changed once', async () => {
    const { access_token } = await visitor()
    const answers = await Promise.all(
      ['CHF', 'USD', 'GBP'].map((currency) => change(access_token, { currency, metadata: { version: 1 } })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 409, 409])
  })

  test('stays the session’s when the visitor logs in', async () => {
    const [asIs, changed] = [await visitor(chosen), await visitor(chosen)]
    await change(changed.access_token, { currency: 'CHF', metadata: { version: 1 } })
    const before = (await logIn(asIs.access_token)).body
    const after = (await logIn(changed.access_token)).body
    expect((await context(before.access_token)).body).toMatchObject({ ...chosen, metadata: { version: 1 } })
    expect((await context(after.access_token)).body).toMatchObject({
      sessionId: changed.sessionId,
      customerId: decodeJwt(after.access_token).sub,
      currency: 'CHF',
      metadata: { version: 2 },
    })
  })

  test('takes no owner, no other session, and nothing too large', async () => {
    const { access_token, sessionId } = await visitor()
    await change(access_token, { sessionId: 'another', customerId: 'ada', metadata: { version: 1 } })
    expect((await context(access_token)).body).toMatchObject({ sessionId, customerId: '' })
    for (const json of [
      {},
      { currency: 7, metadata: { version: 2 } },
      { context: { note: 'x'.repeat(4_000) }, metadata: { version: 2 } },
    ])
      expect(await change(access_token, json)).toMatchObject({ status: 400, body: { code: 400 } })
    expect(await context('nonsense')).toMatchObject(fault())
  })
})

test('what isn’t theirs is refused in their form', async () => {
  expect(await send('GET', customer('nowhere'))).toMatchObject(refused(404, 'not_found'))
  expect(await send('GET', customer('login'))).toMatchObject(refused(405, 'method_not_allowed'))
  expect(await send('POST', '/customer/Demo/login', { json: {} })).toMatchObject(refused(400, 'fields_invalid'))
  expect(await send('POST', '/customer/nobody/login', { json: {} })).toMatchObject(refused(404, 'not_found'))
})
