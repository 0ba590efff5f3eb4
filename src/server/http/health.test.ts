import { expect, onTestFinished, test } from 'vitest'
import { createApp } from '../app.ts'
import { openStore } from '../store/open-store.ts'
import { aConfig } from '../test/test-config.ts'

async function startNode() {
  const store = await openStore('sqlite::memory:')
  const app = await createApp({ config: aConfig(), store, log: { level: 'silent' } })
  await app.server.ready()
  onTestFinished(async () => {
    await app.server.close()
    await store.close()
  })
  const get = (url: string) => app.server.inject({ url, headers: { host: 'localhost:3000' } })
  return { app, store, get }
}

test('a node that is up is healthy and ready', async () => {
  const { get } = await startNode()
  for (const url of ['/healthz', '/readyz']) {
    const response = await get(url)
    expect(response.statusCode).toBe(200)
    expect(response.headers['cache-control']).toBe('no-store')
  }
})

test('a node told to drain is not ready any more, but answers', async () => {
  const { app, get } = await startNode()
  app.drain()
  const response = await get('/readyz')
  expect(response.statusCode).toBe(503)
  expect(response.headers).toMatchObject({ 'retry-after': '1', 'cache-control': 'no-store' })
  expect(response.json()).toMatchObject({ status: 503, code: 'not-ready' })
  expect((await get('/healthz')).statusCode).toBe(200)
  expect((await get('/demo/jwks')).statusCode).toBe(200)
})

test('a node whose database is gone is not ready, but healthy: starting it again would not help', async () => {
  const { store, get } = await startNode()
  await store.close()
  const response = await get('/readyz')
  expect(response.statusCode).toBe(503)
  expect(response.json()).toMatchObject({ code: 'not-ready', detail: 'The database does not answer.' })
  expect((await get('/healthz')).statusCode).toBe(200)
})
