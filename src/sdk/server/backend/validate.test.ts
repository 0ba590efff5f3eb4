import { expect, test } from 'vitest'
import { serverMetadata } from '../../test/a-backend.ts'
import { aToken } from '../../test/a-token.ts'
import { anIssuer, audience, issuerAddress } from '../../test/an-issuer.ts'
import { AuthError, TokenError } from '../index.ts'
import { startBackend } from './create-backend.ts'

const issuer = await anIssuer()
const seconds = () => Math.floor(Date.now() / 1000)

/** A backend whose issuer answers every introspection with this, at a time of its own. */
function introspecting(answer: object | Response, { date = Date.now(), keys = true } = {}) {
  const sent: string[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const { pathname } = new URL(String(input))
    if (pathname.endsWith('openid-configuration')) return Response.json(serverMetadata)
    if (pathname.endsWith('/jwks')) return keys ? issuer.fetch(input, init) : new Response('', { status: 500 })
    sent.push(pathname)
    if (answer instanceof Response) return answer.clone()
    return Response.json(answer, { headers: { date: new Date(date).toUTCString() } })
  }
  const options = { issuer: issuerAddress, clientId: 'orders', clientSecret: 'a secret' }
  return { sent, backend: startBackend(options, { fetch, now: Date.now, wait: async () => undefined }) }
}

test('a token that is good says whose it is and for how long', async () => {
  const answer = {
    active: true,
    sub: 'ada-1',
    client_id: 'catalog',
    username: 'ada',
    email: 'ada@demo.test',
    scope: 'openid Shopper',
    roles: ['Shopper'],
    sid: 'sid-1',
    session_id: 'session-1',
    legal_entity_id: 'acme',
    token_type: 'DPoP',
    cnf: { jkt: 'thumbprint' },
    exp: seconds() + 300,
  }
  const validated = await introspecting(answer).backend.validate('t')
  const { secondsLeft, claims, ...rest } = validated
  expect(rest).toEqual({
    sub: 'ada-1',
    clientId: 'catalog',
    username: 'ada',
    email: 'ada@demo.test',
    scope: ['openid', 'Shopper'],
    roles: ['Shopper'],
    sid: 'sid-1',
    sessionId: 'session-1',
    company: 'acme',
    guest: false,
    tokenType: 'DPoP',
    boundTo: 'thumbprint',
  })
  expect(secondsLeft).toBeGreaterThan(298)
  expect(secondsLeft).toBeLessThanOrEqual(301)
  expect(claims).toMatchObject(answer)
})

test('a guest is one, and a client that acts for itself is its own subject', async () => {
  const guest = introspecting({ active: true, sub: 'g', client_id: 'catalog', guest: true, exp: seconds() + 60 })
  expect(await guest.backend.validate('t')).toMatchObject({ sub: 'g', guest: true, roles: [] })
  const itself = introspecting({ active: true, client_id: 'reports', roles: 'MeAdmin', exp: seconds() + 60 })
  expect(await itself.backend.validate('t')).toMatchObject({ sub: 'reports', roles: ['MeAdmin'], guest: false })
})

test('the seconds left are the issuer’s, whatever the clock says here', async () => {
  const ahead = Date.now() + 3_600_000
  const answer = { active: true, sub: 'a', client_id: 'c', exp: Math.floor(ahead / 1000) + 90 }
  const { secondsLeft } = await introspecting(answer, { date: ahead }).backend.validate('t')
  expect(secondsLeft).toBeGreaterThanOrEqual(90)
  expect(secondsLeft).toBeLessThan(92)
})

test.each<[string, () => Promise<string>, string]>([
  ['whose time is over', () => aToken(issuer, { exp: seconds() - 5 }), 'token-expired'],
  ['whose login has ended', () => aToken(issuer), 'token-revoked'],
  ['that is opaque', async () => 'opaque', 'token-invalid'],
  ['of another issuer', () => aToken(issuer, { iss: 'https://evil.example/demo' }), 'token-invalid'],
  ['that says it was signed and was not', async () => `${await aToken(issuer)}x`, 'token-invalid'],
  ['that is an ID token', () => issuer.sign({ sub: 'a', aud: audience, exp: seconds() + 60 }, 'JWT'), 'token-invalid'],
])('a token %s is refused with what to answer', async (_name, token, code) => {
  const error = await introspecting({ active: false })
    .backend.validate(await token(), { label: 'gateway' })
    .catch((thrown) => thrown)
  expect(error).toBeInstanceOf(TokenError)
  expect(error).toBeInstanceOf(AuthError)
  expect(error).toMatchObject({ code, status: 401, action: 'sign-in', retryable: false, label: 'gateway' })
  expect(error.headers).toMatchObject({ 'WWW-Authenticate': expect.stringContaining('error="invalid_token"') })
})

test('without the issuer’s keys a token that is not good is simply that', async () => {
  const { backend } = introspecting({ active: false }, { keys: false })
  await expect(backend.validate(await aToken(issuer))).rejects.toMatchObject({ code: 'token-invalid', status: 401 })
})

test('no token and one without end are refused without asking', async () => {
  const { backend, sent } = introspecting({ active: true })
  await expect(backend.validate('')).rejects.toMatchObject({ code: 'token-missing', status: 401 })
  await expect(backend.validate('x'.repeat(20_000))).rejects.toMatchObject({ code: 'token-invalid' })
  expect(sent).toEqual([])
})

test.each([
  ['is busy', new Response('', { status: 503 }), 'server'],
  ['does not know this client', Response.json({ error: 'invalid_client' }, { status: 401 }), 'client-refused'],
  ['answers with a page', new Response('<html>'), 'answer-invalid'],
  ['does not say whether', Response.json({ sub: 'ada-1' }), 'answer-invalid'],
])('an issuer that %s says nothing about the token', async (_name, answer, code) => {
  const { backend } = introspecting(answer)
  const error = await backend.validate('t').catch((thrown) => thrown)
  expect(error).toMatchObject({ code })
  expect(error).not.toBeInstanceOf(TokenError)
})
