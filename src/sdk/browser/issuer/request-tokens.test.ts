import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { clientId, issuerAddress, metadata } from '../../test/an-issuer.ts'
import { loadMetadata } from '../../wire/metadata.ts'
import { createClock } from '../clock.ts'
import { createKeyPair } from '../dpop/key.ts'
import { createNonces } from '../dpop/nonces.ts'
import { requestTokens } from './request-tokens.ts'

const grant = { grant_type: 'refresh_token', refresh_token: 'r1' }
const good = { access_token: 'a1', token_type: 'dpop', expires_in: 600 }

/** A token endpoint that gives these answers in turn. */
function answering(...answers: (Response | Error)[]) {
  const sent: Request[] = []
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init)
    if (request.url.endsWith('openid-configuration')) return Response.json(metadata)
    sent.push(request)
    const answer = answers.shift() ?? Response.json(good)
    if (answer instanceof Error) throw answer
    return answer
  }
  const deps = {
    fetch,
    clientId,
    clock: createClock(),
    nonces: createNonces(),
    loadMetadata: () => loadMetadata(issuerAddress, { fetch }),
  }
  return { sent, deps }
}

const wantsNonce = (nonce: string) =>
  Response.json({ error: 'use_dpop_nonce' }, { status: 400, headers: { 'DPoP-Nonce': nonce } })
const proofOf = (request: Request | undefined) => decodeJwt(request?.headers.get('dpop') ?? '')

test('sends a form with the client id, no cookies, following nothing', async () => {
  const { deps, sent } = answering()
  await requestTokens({ grant, key: undefined }, deps)
  const [request] = sent
  expect(request?.headers.get('content-type')).toContain('application/x-www-form-urlencoded')
  expect(await request?.text()).toBe('grant_type=refresh_token&refresh_token=r1&client_id=catalog')
  expect(request).toMatchObject({ method: 'POST', credentials: 'omit', redirect: 'error', cache: 'no-store' })
  expect(request?.url).not.toContain('r1')
})

test('a nonce asked for is used at once, and from then on (RFC 9449 section 8)', async () => {
  const { deps, sent } = answering(wantsNonce('n1'))
  const key = await createKeyPair()
  await requestTokens({ grant, key }, deps)
  await requestTokens({ grant, key }, deps)
  expect(sent.map((request) => proofOf(request).nonce)).toEqual([undefined, 'n1', 'n1'])
})

test('a server that never has enough of nonces is asked twice, and is a failing one', async () => {
  const { deps, sent } = answering(wantsNonce('n1'), wantsNonce('n2'))
  const key = await createKeyPair()
  await expect(requestTokens({ grant, key }, deps)).rejects.toMatchObject({ code: 'server', retryable: true })
  expect(sent).toHaveLength(2)
})

test('a proof refused for its time is made again by the issuer’s clock', async () => {
  const ahead = new Date(Date.now() + 3_600_000)
  const refused = Response.json(
    { error: 'invalid_dpop_proof' },
    { status: 400, headers: { Date: ahead.toUTCString() } },
  )
  const { deps, sent } = answering(refused)
  await requestTokens({ grant, key: await createKeyPair() }, deps)
  expect(Math.abs(Number(proofOf(sent[1]).iat) * 1000 - ahead.getTime())).toBeLessThan(3000)
})

test('the end comes from the answer, in the issuer’s time, and opaque tokens are fine', async () => {
  const { deps } = answering(Response.json({ ...good, access_token: 'opaque', refresh_token: null, scope: 'openid a' }))
  const tokens = await requestTokens({ grant, key: undefined }, deps)
  expect(tokens).toMatchObject({
    accessToken: 'opaque',
    tokenType: 'DPoP',
    refreshToken: undefined,
    scope: ['openid', 'a'],
  })
  expect(tokens.expiresAt - tokens.issuedAt).toBe(600_000)
})

test('JSON behind a byte order mark is read', async () => {
  const { deps } = answering(new Response(`\ufeff${JSON.stringify(good)}`))
  expect(await requestTokens({ grant, key: undefined }, deps)).toMatchObject({ accessToken: 'a1' })
})

test.each([
  ['invalid_grant', Response.json({ error: 'invalid_grant' }, { status: 400 }), 'session-ended'],
  [
    'invalid_grant with a nonce',
    Response.json({ error: 'invalid_grant' }, { status: 400, headers: { 'DPoP-Nonce': 'n' } }),
    'session-ended',
  ],
  [
    'invalid_grant without a description',
    Response.json({ error: 'invalid_grant', error_description: null }, { status: 400 }),
    'session-ended',
  ],
  ['another OAuth error', Response.json({ error: 'invalid_client' }, { status: 401 }), 'refused'],
  ['temporarily_unavailable', Response.json({ error: 'temporarily_unavailable' }, { status: 400 }), 'server'],
  ['a page with status 404', new Response('<html>', { status: 404 }), 'server'],
  ['a page with status 200', new Response('<html>'), 'server'],
  ['500 that says invalid_grant', Response.json({ error: 'invalid_grant' }, { status: 500 }), 'server'],
  ['429', new Response('', { status: 429 }), 'rate-limited'],
  ['no connection', new TypeError('fetch failed'), 'network'],
])('%s', async (_name, answer, code) => {
  const { deps } = answering(answer)
  await expect(requestTokens({ grant, key: undefined }, deps)).rejects.toMatchObject({ code })
})

test.each([
  ['17', 17],
  [new Date(Date.now() + 30_000).toUTCString(), 30],
])('Retry-After %s is kept', async (header, seconds) => {
  const { deps } = answering(new Response('', { status: 503, headers: { 'Retry-After': header } }))
  const error = await requestTokens({ grant, key: undefined }, deps).catch((thrown) => thrown)
  expect(error.code).toBe('server')
  expect(Math.abs(error.retryAfterSeconds - seconds)).toBeLessThanOrEqual(2)
})
