import { afterAll, beforeAll, expect, test } from 'vitest'
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

test('signs nobody out for a form on another site', async () => {
  const response = await ask('/sign-out', { method: 'POST', headers: { origin: 'https://evil.test' } })
  expect(response.headers.getSetCookie()).toEqual([])
  expect(response.headers.get('location')).toBe(`${orders.origin}/`)
})

test('has nothing anywhere else', async () => {
  for (const path of ['/server.ts', '/../serve.ts', '/orders', '/public/orders.css']) {
    expect((await ask(path)).status).toBe(404)
  }
})
