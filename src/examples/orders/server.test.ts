import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOrders } from './server.ts'

let orders: Awaited<ReturnType<typeof startOrders>>
beforeAll(async () => {
  // Nobody answers there.
  orders = await startOrders({ port: 0, clientSecret: 'a secret', issuer: 'http://127.0.0.1:9/demo' })
})
afterAll(() => orders.close())

const ask = (path: string, init: RequestInit = {}) => fetch(`${orders.origin}${path}`, { redirect: 'manual', ...init })

test('shows nobody’s orders to somebody who is not signed in, and keeps the page nowhere', async () => {
  const response = await ask('/')
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.text()).not.toContain('Your orders')
})

test('says so when the portal can’t be reached', async () => {
  const response = await ask('/sign-in')
  expect(response.status).toBe(503)
  expect(await response.text()).toContain('can’t be reached')
})

test('signs nobody in with an answer it did not ask for', async () => {
  const response = await ask('/callback?code=somebody&state=somebodys')
  expect(response.status).toBe(400)
  expect(response.headers.getSetCookie()).toEqual([])
})

test.each(['/sign-out', '/sign-out-everywhere'])('%s signs nobody out for a form on another site', async (path) => {
  const response = await ask(path, { method: 'POST', headers: { origin: 'https://evil.test' } })
  expect(response.headers.getSetCookie()).toEqual([])
  expect(response.headers.get('location')).toBe(`${orders.origin}/`)
})

describe('what comes to the address for ended logins', () => {
  const tell = (body: BodyInit, headers: Record<string, string> = {}) =>
    ask('/backchannel', { method: 'POST', body, headers })

  test.each<[string, BodyInit, Record<string, string>]>([
    ['no form', '{"logout_token":"x"}', { 'content-type': 'application/json' }],
    ['without a token', new URLSearchParams({ token: 'x' }), {}],
    ['far too large', new URLSearchParams({ logout_token: 'x'.repeat(20_000) }), {}],
  ])('is refused when it is %s', async (_what, body, headers) => {
    const response = await tell(body, headers)
    expect(response.status).toBe(400)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toMatchObject({ error: 'invalid_request' })
  })

  test('is to come again when the portal’s keys can’t be had', async () => {
    const response = await tell(new URLSearchParams({ logout_token: 'a.b.c' }))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
  })

  test('is nothing to look at', async () => {
    expect((await ask('/backchannel')).status).toBe(404)
  })
})

test('has nothing anywhere else', async () => {
  for (const path of ['/server.ts', '/../serve.ts', '/orders', '/public/orders.css']) {
    expect((await ask(path)).status).toBe(404)
  }
})
