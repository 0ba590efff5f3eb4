import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { aPkce, authorizeUrl, obtainCode, redeem } from '../test/flows.ts'
import { pageOf, signInStep, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { ORIGIN } from '../test/test-config.ts'

const UNREGISTERED = 'https://evil.test/callback'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

function send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, accept = 'application/json') {
  return app.server.inject({ method, url, headers: { host: new URL(ORIGIN).host, accept } })
}

describe('an authorization request that must not be answered at the address it names', () => {
  test.each([
    ['client-unknown', { client_id: 'nobody' }],
    ['client-unknown', { client_id: 'nobody', redirect_uri: UNREGISTERED }],
    ['client-unknown', { client_id: '<script>alert(1)</script>' }],
    ['redirect-unregistered', { redirect_uri: UNREGISTERED }],
    ['redirect-unregistered', { redirect_uri: 'http://localhost:3001/callback/' }],
    ['redirect-unregistered', { redirect_uri: 'javascript:alert(1)' }],
    ['request-invalid', { client_id: null }],
    ['request-invalid', { redirect_uri: null }],
    ['request-expired', { request_uri: 'urn:ietf:params:oauth:request_uri:gone', redirect_uri: null }],
  ])('ends on a page of ours that says %s: %j', async (problem, overrides) => {
    const response = await app.browser().get(authorizeUrl(aPkce(), overrides))
    expect(response.status).toBe(400)
    expect(response.location).toBeUndefined()
    expect(pageOf(response, 'problem')).toMatchObject({
      problem,
      tenant: { name: 'Demo Store' },
      requestId: expect.any(String),
    })
    expect(response.body).not.toMatch(/evil\.test|alert\(1\)/)
  })

  test('offers a way on: the app that asked, or the shop’s own', async () => {
    const known = await app.browser().get(authorizeUrl(aPkce(), { client_id: 'orders', redirect_uri: UNREGISTERED }))
    expect(pageOf(known, 'problem').client?.name).toBe('Orders')
    const unknown = await app.browser().get(authorizeUrl(aPkce(), { client_id: 'nobody' }))
    expect(pageOf(unknown, 'problem').client?.name).toBe('Catalog')
  })
})

describe('an address where nothing is', () => {
  test.each(['/nowhere', '/demo/nowhere', '/demos', '/demo/authorize/x/y', '/assets/none.js', '/demo/.env'])(
    '%s is 404: a page for people, problem details for programs (RFC 9457)',
    async (url) => {
      const page = await app.browser().get(url)
      expect(page.status).toBe(404)
      expect(pageOf(page, 'problem')).toMatchObject({ problem: 'page-not-found' })
      const data = await send('GET', url)
      expect(data.statusCode).toBe(404)
      expect(data.headers).toMatchObject({
        'content-type': 'application/problem+json; charset=utf-8',
        'cache-control': 'no-store',
      })
      expect(data.json()).toEqual({
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        detail: 'There is nothing at this address.',
        code: 'not-found',
        request_id: expect.any(String),
      })
    },
  )

  test('below a tenant looks like that tenant', async () => {
    expect(pageOf(await app.browser().get('/demo/nowhere'), 'problem').tenant?.name).toBe('Demo Store')
    expect(pageOf(await app.browser().get('/demos/nowhere'), 'problem').tenant).toBeUndefined()
  })
})

describe('a method that is not answered', () => {
  test('is 405 with the methods that are, on a page for people', async () => {
    const response = await app.browser().postForm('/demo/authorize', {})
    expect(response.status).toBe(405)
    expect(response.headers.allow).toBe('GET')
    expect(pageOf(response, 'problem')).toMatchObject({ problem: 'request-invalid', client: { name: 'Catalog' } })
  })

  test.each([
    ['DELETE', '/demo/interaction/AAAAAAAAAAAAAAAAAAAAA', 'GET, POST'],
    ['PUT', '/demo/logout', 'GET'],
    ['PUT', '/demo/token', 'POST'],
    ['GET', '/demo/token', 'POST'],
    ['GET', '/demo/logout/confirm', 'POST'],
  ] as const)('%s %s is 405, as data for a program', async (method, url, allow) => {
    const response = await send(method, url)
    expect(response.statusCode).toBe(405)
    expect(response.headers.allow).toBe(allow)
    expect(response.headers['content-type']).toMatch(/json/)
  })
})

describe('an address that can’t be read', () => {
  const unreadable = [
    '/%',
    '/%zz?password=hunter2',
    '/demo/%E0%A4%A?guest_token=hunter2',
    `/demo/interaction/${'x'.repeat(300)}`,
  ]

  test.each(unreadable)('%s is refused without repeating it', async (url) => {
    for (const accept of ['text/html', 'application/json']) {
      const response = await send('GET', url, accept)
      expect(response.statusCode).toBe(400)
      expect(response.body).not.toMatch(/%|xxxx|hunter2|FST_/)
      expect(response.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
      expect(response.headers['content-type']).toMatch(
        accept === 'text/html' ? /^text\/html/ : /^application\/problem\+json/,
      )
    }
    expect(app.log.at(-1)).toContain('"status":400')
    expect(app.log.join('')).not.toContain('hunter2')
  })
})

describe('when the server itself fails', () => {
  async function brokenApp(statement: string): Promise<TestApp> {
    const broken = await startTestApp({ expectsErrors: true })
    onTestFinished(() => broken.close())
    await sql.raw(statement).execute(broken.store.db)
    return broken
  }

  const inside =
    /users|consents|engine_records|sqlite|select|insert|no such table|readonly|query_only|\.ts|node_modules|at /i

  test('a person and a program learn nothing but a number to quote; the log has the rest', async () => {
    const broken = await brokenApp('drop table user_names')
    const { browser, state } = await visitSignIn(broken)
    const page = await browser.postForm(state.action, signInStep())
    expect(page.status).toBe(500)
    const { requestId } = pageOf(page, 'problem')
    const data = await browser.postJson(state.action, signInStep())
    expect(data.status).toBe(500)
    expect(JSON.parse(data.body)).toMatchObject({ status: 500, code: 'failed', request_id: expect.any(String) })
    expect(JSON.parse(data.body).detail).not.toMatch(inside)
    const logged = broken.log.find((line) => line.includes('no such table')) ?? ''
    expect(JSON.parse(logged)).toMatchObject({
      level: 50,
      reqId: requestId,
      err: { stack: expect.stringContaining('at ') },
    })
    expect(logged).not.toContain(signInStep().password)
  })

  test('so does an app, in words it can parse', async () => {
    const broken = await startTestApp({ expectsErrors: true })
    onTestFinished(() => broken.close())
    const pkce = aPkce()
    const code = await obtainCode(broken.browser(), pkce)
    await sql.raw('drop table families').execute(broken.store.db)
    const response = await redeem(broken, { code, pkce })
    expect(response.status).toBe(500)
    expect(response.body).toEqual({ error: 'server_error', error_description: 'something went wrong here' })
    expect(broken.log.some((line) => line.includes('no such table: families'))).toBe(true)
  })

  describe('because its database takes no writes for now', () => {
    test('a step is 503 and says when to come back', async () => {
      const busy = await startTestApp({ expectsErrors: true })
      onTestFinished(() => busy.close())
      const { browser, state } = await visitSignIn(busy)
      await sql.raw('pragma query_only = on').execute(busy.store.db)
      const page = await browser.postForm(state.action, signInStep())
      expect(page.status).toBe(503)
      expect(page.headers['retry-after']).toBe('2')
      expect(pageOf(page, 'problem')).toMatchObject({ problem: 'busy' })
      const data = await browser.postJson(state.action, signInStep())
      expect(data).toMatchObject({ status: 503, headers: { 'retry-after': '2' } })
      expect(JSON.parse(data.body)).toMatchObject({ status: 503, code: 'unavailable' })
    })

    test('a step carried on from a page that ran out is 503 too', async () => {
      const busy = await startTestApp({ expectsErrors: true })
      onTestFinished(() => busy.close())
      const { state } = await visitSignIn(busy)
      await sql.raw('pragma query_only = on').execute(busy.store.db)
      const fields = { ...signInStep(), sealed_request: state.sealedRequest }
      expect((await busy.browser().postForm(state.action, fields)).status).toBe(503)
    })

    test('a page of the engine’s is 503', async () => {
      const busy = await brokenApp('pragma query_only = on')
      const response = await busy.browser().get('/demo/logout')
      expect(response.status).toBe(503)
      expect(response.headers['retry-after']).toBe('2')
      expect(pageOf(response, 'problem')).toMatchObject({ problem: 'busy' })
    })
  })
})
