import { createHmac } from 'node:crypto'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { aToken } from '../test/a-token.ts'
import { anIssuer, audience, issuerAddress } from '../test/an-issuer.ts'
import { startVerifier } from './create-verifier.ts'
import { createVerifier, requireScope, TokenError } from './index.ts'

const issuer = await anIssuer()
const verifier = startVerifier({ issuer: issuerAddress, audience }, { fetch: issuer.fetch, now: Date.now })
const request = (token: string, headers: Record<string, string> = {}) =>
  new Request('https://api.example.com/orders', { headers: { authorization: `Bearer ${token}`, ...headers } })
const failureOf = (work: Promise<unknown>): Promise<TokenError> =>
  work.then(
    () => expect.fail('it was accepted'),
    (error) => error,
  )

test('says who sent a request', async () => {
  const verified = await verifier.verify(request(await aToken(issuer)))
  expect(verified).toMatchObject({
    sub: 'ada-1',
    clientId: 'catalog',
    roles: ['Shopper'],
    scope: ['openid', 'profile'],
    sid: 'sid-1',
    sessionId: 'session-1',
    guest: false,
  })
  expect(verified.claims.iss).toBe(issuerAddress)
})

test('says which company the person acts for, if any', async () => {
  expect(await verifier.verify(await aToken(issuer, { legal_entity_id: 'north' }))).toMatchObject({ company: 'north' })
  for (const claims of [{}, { legal_entity_id: 7 }])
    expect(await verifier.verify(await aToken(issuer, claims))).not.toHaveProperty('company')
})

test('accepts a token alone, a guest, and one role as a bare string', async () => {
  const verified = await verifier.verify(await aToken(issuer, { guest: true, roles: 'Shopper', scope: undefined }))
  expect(verified).toMatchObject({ guest: true, roles: ['Shopper'], scope: [] })
})

test('accepts a request of Node’s own server', async () => {
  const headers = { authorization: `bearer ${await aToken(issuer)}`, host: 'api.example.com' }
  const behindProxy = startVerifier(
    { issuer: issuerAddress, audience, origin: 'https://api.example.com' },
    { fetch: issuer.fetch, now: Date.now },
  )
  expect(await behindProxy.verify({ method: 'GET', url: '/orders', headers })).toMatchObject({ sub: 'ada-1' })
})

test('the media type of RFC 9068 may be written in full', async () => {
  await verifier.verify(await aToken(issuer, {}, { typ: 'application/at+jwt' }))
})

test.each([
  ['another audience', { aud: 'https://other.example.com' }],
  ['the audience with a slash more', { aud: `${audience}/` }],
  ['no audience', { aud: undefined }],
  ['another issuer', { iss: 'https://id.example.com/other' }],
  ['another tenant that begins the same', { iss: `${issuerAddress}2` }],
  ['no subject', { sub: undefined }],
  ['no client', { client_id: undefined }],
  ['a client that is not text', { client_id: 7 }],
  ['no id', { jti: undefined }],
  ['no time of issue', { iat: undefined }],
  ['no end', { exp: undefined }],
  ['a start in the future', { nbf: Math.floor(Date.now() / 1000) + 3600 }],
])('refuses a token with %s (RFC 9068 section 4)', async (_name, claims) => {
  const error = await failureOf(verifier.verify(request(await aToken(issuer, claims))))
  expect(error).toBeInstanceOf(TokenError)
  expect(error).toMatchObject({ code: 'token-invalid', status: 401 })
  expect(error.wwwAuthenticate).toContain('Bearer error="invalid_token"')
})

test('a token is good to the second of its end and not after', async () => {
  const end = Math.floor(Date.now() / 1000) + 100
  const token = await aToken(issuer, { exp: end })
  const at = (now: number) =>
    startVerifier({ issuer: issuerAddress, audience }, { fetch: issuer.fetch, now: () => now * 1000 })
  await at(end - 1).verify(token)
  expect(await failureOf(at(end).verify(token))).toMatchObject({ code: 'token-expired', status: 401 })
})

test.each(['JWT', 'logout+jwt', 'dpop+jwt', undefined])(
  'refuses a token of type %s, an ID token among them',
  async (typ) => {
    // @ts-expect-error no type at all is one of the cases
    const error = await failureOf(verifier.verify(await aToken(issuer, {}, { typ })))
    expect(error.code).toBe('token-invalid')
  },
)

test('refuses an ID token of the same issuer, even one for this audience', async () => {
  const idToken = await issuer.sign(
    { sub: 'ada-1', aud: audience, exp: 9_999_999_999, client_id: 'catalog', jti: '1' },
    'JWT',
  )
  expect(await failureOf(verifier.verify(idToken))).toMatchObject({ code: 'token-invalid' })
})

test('accepts RS256 with the issuer’s own key for it, and no other key for that (RFC 8725 section 3.1)', async () => {
  const rsa = await generateKeyPair('RS256', { extractable: true })
  const key = { ...(await exportJWK(rsa.publicKey)), kid: 'key-rsa', alg: 'RS256', use: 'sig' }
  const bothKeys: typeof fetch = async (input, init) =>
    String(input).endsWith('/jwks') ? Response.json({ keys: [issuer.jwk, key] }) : issuer.fetch(input, init)
  const ofBoth = startVerifier({ issuer: issuerAddress, audience }, { fetch: bothKeys, now: Date.now })
  const sign = (kid: string) =>
    new SignJWT(claimsOfAGoodToken()).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid }).sign(rsa.privateKey)
  expect(await ofBoth.verify(await sign('key-rsa'))).toMatchObject({ sub: 'ada-1' })
  expect(await failureOf(ofBoth.verify(await sign('key-1')))).toMatchObject({ code: 'token-invalid' })
  expect(await failureOf(verifier.verify(await sign('key-rsa')))).toMatchObject({ code: 'token-invalid' })
})

test('refuses alg none, in any writing', async () => {
  const claims = claimsOfAGoodToken()
  const unsecured = new UnsecuredJWT(claims).encode()
  expect(await failureOf(verifier.verify(unsecured))).toMatchObject({ code: 'token-invalid' })
  for (const alg of ['none', 'None', 'nOnE', '']) {
    const forged = `${encode({ alg, typ: 'at+jwt', kid: 'key-1' })}.${encode(claims)}.`
    expect(await failureOf(verifier.verify(forged))).toMatchObject({ code: 'token-invalid' })
  }
})

test('refuses HS256 made with the public key', async () => {
  const publicKeys = [await exportSPKI(issuer.publicKey), JSON.stringify(issuer.jwk), issuer.jwk.x ?? '']
  for (const publicKey of publicKeys) {
    const signed = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: 'key-1' })}.${encode(claimsOfAGoodToken())}`
    const forged = `${signed}.${createHmac('sha256', publicKey).update(signed).digest('base64url')}`
    expect(await failureOf(verifier.verify(forged))).toMatchObject({ code: 'token-invalid' })
  }
})

test('keys a token brings or names itself do nothing: jwk, jku, x5u, x5c', async () => {
  const theirs = await generateKeyPair('ES256', { extractable: true })
  const asked: string[] = []
  const watching = startVerifier(
    { issuer: issuerAddress, audience },
    {
      now: Date.now,
      fetch: async (input, init) => {
        asked.push(String(input))
        return issuer.fetch(input, init)
      },
    },
  )
  const jwk = await exportJWK(theirs.publicKey)
  for (const header of [
    { jwk },
    { jku: 'https://evil.example/keys', jwk },
    { x5u: 'https://evil.example/cert' },
    { x5c: ['MIIB'] },
  ]) {
    const forged = await new SignJWT(claimsOfAGoodToken())
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'key-1', ...header })
      .sign(theirs.privateKey)
    expect(await failureOf(watching.verify(forged))).toMatchObject({ code: 'token-invalid' })
  }
  expect(asked.every((address) => address.startsWith(issuerAddress))).toBe(true)
})

test('refuses a changed, cut or invented token', async () => {
  const token = await aToken(issuer)
  const [header, payload, signature = ''] = token.split('.')
  const broken = [
    `${header}.${encode({ ...claimsOfAGoodToken(), sub: 'ben-1' })}.${signature}`,
    `${header}.${payload}.${signature.slice(4)}`,
    `${header}.${payload}.`,
    `${header}.${payload}`,
    'x'.repeat(20_000),
    'opaque',
    'e30.e30.e30',
  ]
  for (const one of broken) expect(await failureOf(verifier.verify(request(one)))).toMatchObject({ status: 401 })
})

test('without credentials it asks for them and names no error (RFC 6750 section 3)', async () => {
  for (const headers of [{}, { authorization: 'Basic YTpi' }]) {
    const error = await failureOf(verifier.verify(new Request('https://api.example.com/', { headers })))
    expect(error).toMatchObject({ code: 'token-missing', status: 401, wwwAuthenticate: 'Bearer, DPoP algs="ES256"' })
    expect(error.headers).toEqual({ 'Cache-Control': 'no-store', 'WWW-Authenticate': 'Bearer, DPoP algs="ES256"' })
  }
})

test('a token in the address is refused, a good one beside it too', async () => {
  const token = await aToken(issuer)
  const address = `https://api.example.com/orders?access_token=${token}`
  for (const headers of [{}, { authorization: `Bearer ${token}` }]) {
    const error = await failureOf(verifier.verify(new Request(address, { headers })))
    expect(error).toMatchObject({ code: 'request-invalid', status: 400 })
    expect(error.wwwAuthenticate).toContain('error="invalid_request"')
    expect(error.wwwAuthenticate).not.toContain(token)
  }
})

test('two credentials are refused', async () => {
  const token = await aToken(issuer)
  const headers = new Headers({ authorization: `Bearer ${token}` })
  headers.append('authorization', `Bearer ${token}`)
  const requests = [
    { method: 'GET', url: 'https://api.example.com/', headers },
    {
      method: 'GET',
      url: 'https://api.example.com/',
      headers: { authorization: [`Bearer ${token}`, `DPoP ${token}`] },
    },
    { method: 'GET', url: 'https://api.example.com/', headers: { authorization: `Bearer ${token} ${token}` } },
  ]
  for (const one of requests)
    expect(await failureOf(verifier.verify(one))).toMatchObject({ code: 'request-invalid', status: 400 })
})

test('a scope that is not held is 403 insufficient_scope, naming what is needed', async () => {
  const verified = await verifier.verify(await aToken(issuer, { scope: 'orders:read' }))
  requireScope(verified, 'orders:read')
  expect(() => requireScope(verified, 'orders:read', 'orders:write')).toThrow(TokenError)
  try {
    requireScope(verified, 'orders:write')
  } catch (error) {
    expect(error).toMatchObject({ status: 403, code: 'scope-insufficient' })
    expect((error as TokenError).wwwAuthenticate).toContain('error="insufficient_scope"')
    expect((error as TokenError).wwwAuthenticate).toContain('scope="orders:write"')
  }
})

test('options that are missing are said at once', () => {
  // @ts-expect-error missing
  expect(() => createVerifier({ issuer: issuerAddress })).toThrow(
    expect.objectContaining({
      code: 'configuration',
      action: 'fix-configuration',
      message: 'createVerifier: `audience` must be given.',
    }),
  )
  expect(() => createVerifier({ issuer: issuerAddress, audience, origin: 'api' })).toThrow(
    '`origin` must be an address',
  )
})

function claimsOfAGoodToken() {
  const now = Math.floor(Date.now() / 1000)
  return { iss: issuerAddress, aud: audience, sub: 'ada-1', client_id: 'catalog', iat: now, exp: now + 600, jti: 'j1' }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
