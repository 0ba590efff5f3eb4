import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { createClock } from '../clock.ts'
import { createKeyPair } from '../dpop/key.ts'
import { createNonces } from '../dpop/nonces.ts'
import type { AccessToken } from '../session/access-token.ts'
import { createAuthorizedFetch } from './authorized-fetch.ts'

const unauthorized = (headers: HeadersInit = {}) => new Response('', { status: 401, headers })
const url = 'https://api.example.com/orders?page=2'

/** An API that gives these answers in turn, and a session whose tokens are t1, t2, … */
async function anApi(answers: Response[], type: AccessToken['type'] = 'DPoP') {
  const sent: { request: Request; body: string }[] = []
  let current = 1
  const key = await createKeyPair()
  const session = {
    accessToken: async (): Promise<AccessToken> => {
      return { value: `t${current}`, type, login: 'l', generation: current, renewAt: 0, unusableAt: 0 }
    },
    refuse: () => {
      current += 1
    },
  }
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init)
    sent.push({ request, body: await request.clone().text() })
    return answers.shift() ?? new Response('ok')
  }
  const send = createAuthorizedFetch({
    fetch,
    session,
    clock: createClock(),
    nonces: createNonces(),
    loadKey: async () => key,
  })
  return { send, sent, proofs: () => sent.map(({ request }) => decodeJwt(request.headers.get('dpop') ?? '')) }
}

test('adds the token and a proof for this method, address and token (RFC 9449 section 7.1)', async () => {
  const { send, sent, proofs } = await anApi([])
  await send(url, { method: 'PUT', headers: { 'X-Own': '1' }, body: 'x' })
  const [{ request } = sent[0] as never] = sent
  expect(request.headers.get('authorization')).toBe('DPoP t1')
  expect(request.headers.get('x-own')).toBe('1')
  expect(proofs()[0]).toMatchObject({ htm: 'PUT', htu: 'https://api.example.com/orders', ath: expect.any(String) })
})

test('a Bearer token needs no proof', async () => {
  const { send, sent } = await anApi([], 'Bearer')
  await send(url)
  expect(sent[0]?.request.headers.get('authorization')).toBe('Bearer t1')
  expect(sent[0]?.request.headers.has('dpop')).toBe(false)
})

test('a 401 is answered by one renewal and one retry, body and all', async () => {
  const { send, sent } = await anApi([unauthorized()])
  const response = await send(url, { method: 'POST', body: '{"a":1}' })
  expect(response.status).toBe(200)
  expect(sent.map(({ request }) => request.headers.get('authorization'))).toEqual(['DPoP t1', 'DPoP t2'])
  expect(sent.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}'])
})

test('a second 401 is the answer', async () => {
  const { send, sent } = await anApi([unauthorized(), unauthorized()])
  expect((await send(url)).status).toBe(401)
  expect(sent).toHaveLength(2)
})

test('403 never renews', async () => {
  const { send, sent } = await anApi([new Response('', { status: 403 })])
  expect((await send(url)).status).toBe(403)
  expect(sent).toHaveLength(1)
})

test('an API that wants its nonce gets it, with the same token', async () => {
  const headers = { 'DPoP-Nonce': 'api-1', 'WWW-Authenticate': 'DPoP error="use_dpop_nonce"' }
  const { send, sent, proofs } = await anApi([unauthorized(headers)])
  expect((await send(url)).status).toBe(200)
  expect(sent.map(({ request }) => request.headers.get('authorization'))).toEqual(['DPoP t1', 'DPoP t1'])
  expect(proofs().map(({ nonce }) => nonce)).toEqual([undefined, 'api-1'])
})

test('redirects are not followed', async () => {
  const { send, sent } = await anApi([])
  await send(url, { redirect: 'follow' })
  expect(sent[0]?.request.redirect).toBe('error')
})

test('no token leaves over plain http to another computer', async () => {
  const { send, sent } = await anApi([])
  await expect(send('http://api.example.com/')).rejects.toMatchObject({ code: 'insecure-address' })
  expect(sent).toEqual([])
})

test('each request has a proof of its own', async () => {
  const { send, proofs } = await anApi([])
  await Promise.all([send(url), send(url)])
  const [first, second] = proofs()
  expect(first?.jti).not.toBe(second?.jti)
})
