import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBoundedFetch, Unreachable } from './bounded-fetch.ts'
import { startUpstream, type UpstreamServer } from './test/upstream-server.ts'

let acme: UpstreamServer
beforeAll(async () => {
  acme = await startUpstream()
})
afterAll(() => acme.close())

const aRequest = { method: 'GET', headers: {}, redirect: 'manual', body: undefined } as const

test('no more than so many requests are under way at a provider that keeps everybody waiting', async () => {
  acme.lies = { answers: { '/jwks': 'hang' } }
  const send = createBoundedFetch(new Set([acme.issuer]))
  const stop = new AbortController()
  const waiting = Array.from({ length: 64 }, () =>
    send(`${acme.issuer}/jwks`, { ...aRequest, signal: stop.signal }).catch((error: unknown) => error),
  )
  await expect(send(`${acme.issuer}/jwks`, aRequest)).rejects.toThrow('too many')
  stop.abort()
  for (const failure of await Promise.all(waiting)) expect(failure).toBeInstanceOf(Unreachable)
  acme.lies = {}
  expect((await send(`${acme.issuer}/jwks`, aRequest)).status).toBe(200)
})

test('an answer is what was sent, errors of the protocol included', async () => {
  const send = createBoundedFetch(new Set([acme.issuer]))
  const response = await send(`${acme.issuer}/token`, { ...aRequest, method: 'POST' })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: 'invalid_request' })
})

test.each([
  ['huge', 'more than 262144 bytes'],
  ['redirect', 'redirect (302)'],
  ['fail', 'HTTP 503'],
  ['break off', 'ECONNRESET'],
] as const)('an answer that would %s is none', async (how, reason) => {
  acme.lies = { answers: { '/jwks': how } }
  const send = createBoundedFetch(new Set([acme.issuer]))
  await expect(send(`${acme.issuer}/jwks`, aRequest)).rejects.toThrow(reason)
})
