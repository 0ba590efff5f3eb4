import { calculateJwkThumbprint } from 'jose'
import { expect, test } from 'vitest'
import { aKey, aProof, aToken } from '../test/a-token.ts'
import { anIssuer, audience, issuerAddress } from '../test/an-issuer.ts'
import { startVerifier } from './create-verifier.ts'

const issuer = await anIssuer()
const key = await aKey()
const otherKey = await aKey()
const token = await aToken(issuer, { cnf: { jkt: await calculateJwkThumbprint(key.jwk) } })
const deps = { fetch: issuer.fetch, now: Date.now }
const verifier = startVerifier({ issuer: issuerAddress, audience }, deps)
const seconds = () => Math.floor(Date.now() / 1000)

const request = (
  proof: string | undefined,
  { scheme = 'DPoP', url = 'https://api.example.com/orders', method = 'GET' } = {},
) => new Request(url, { method, headers: { authorization: `${scheme} ${token}`, ...(proof && { dpop: proof }) } })

test('a bound token with a proof of its key is accepted', async () => {
  expect(await verifier.verify(request(await aProof(key, { token })))).toMatchObject({ sub: 'ada-1' })
})

test('the query is not part of what a proof names, the host’s writing neither (RFC 9449 section 4.3)', async () => {
  const url = 'https://API.example.com:443/orders?page=2'
  expect(await verifier.verify(request(await aProof(key, { token }), { url }))).toMatchObject({ sub: 'ada-1' })
})

test('behind a proxy, the address people see is what counts', async () => {
  const known = startVerifier({ issuer: issuerAddress, audience, origin: 'https://api.example.com' }, deps)
  const internal = request(await aProof(key, { token }), { url: 'http://10.0.0.5:8080/orders' })
  expect(await known.verify(internal)).toMatchObject({ sub: 'ada-1' })
  const byPath = {
    method: 'GET',
    url: '/orders',
    headers: { authorization: `DPoP ${token}`, dpop: await aProof(key, { token }) },
  }
  expect(await known.verify(byPath)).toMatchObject({ sub: 'ada-1' })
})

test('a bound token sent as Bearer is refused, with a proof too (RFC 9449 section 7.1)', async () => {
  for (const proof of [undefined, await aProof(key, { token })]) {
    await expect(verifier.verify(request(proof, { scheme: 'Bearer' }))).rejects.toMatchObject({
      code: 'proof-missing',
      status: 401,
      wwwAuthenticate: expect.stringContaining('DPoP algs="ES256"'),
    })
  }
})

test('a bound token without a proof, or without its request, is refused', async () => {
  await expect(verifier.verify(request(undefined))).rejects.toMatchObject({ code: 'proof-missing' })
  await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'proof-missing' })
})

test('a token that is not bound is not taken as one that is', async () => {
  const free = await aToken(issuer)
  const proof = await aProof(key, { token: free })
  const headers = { authorization: `DPoP ${free}`, dpop: proof }
  await expect(verifier.verify(new Request('https://api.example.com/orders', { headers }))).rejects.toMatchObject({
    code: 'token-invalid',
  })
})

test('a binding of a kind nobody knows refuses the token', async () => {
  for (const cnf of [{ 'x5t#S256': 'abc' }, {}, null, 'jkt']) {
    const strange = await aToken(issuer, { cnf })
    const headers = { authorization: `Bearer ${strange}` }
    await expect(verifier.verify(new Request('https://api.example.com/', { headers }))).rejects.toMatchObject({
      code: 'token-invalid',
    })
  }
})

test.each([
  ['another method', { claims: { htm: 'POST' } }],
  ['a method in small letters', { claims: { htm: 'get' } }],
  ['another path', { claims: { htu: 'https://api.example.com/admin' } }],
  ['another host', { claims: { htu: 'https://api.evil.example/orders' } }],
  ['http', { claims: { htu: 'http://api.example.com/orders' } }],
  ['an address that is none', { claims: { htu: '/orders' } }],
  ['no address', { claims: { htu: undefined } }],
  ['a time 61 seconds ago', { claims: { iat: seconds() - 61 } }],
  ['a time two minutes ahead', { claims: { iat: seconds() + 120 } }],
  ['no time', { claims: { iat: undefined } }],
  ['the hash of another token', { claims: { ath: 'PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A' } }],
  ['no hash', { claims: { ath: undefined } }],
  ['no id', { claims: { jti: undefined } }],
  ['an id without end', { claims: { jti: 'x'.repeat(300) } }],
  ['another type', { header: { typ: 'jwt' } }],
  ['the private key in it', { header: { jwk: key.privateJwk } }],
  ['another key in it', { header: { jwk: otherKey.jwk } }],
  ['a shared secret as key', { header: { jwk: { kty: 'oct', k: 'AAAA' } } }],
])('a proof with %s is refused (RFC 9449 section 4.3)', async (_name, wrong) => {
  const proof = await aProof(key, { token, ...wrong })
  await expect(verifier.verify(request(proof))).rejects.toMatchObject({
    code: 'proof-invalid',
    status: 401,
    wwwAuthenticate: expect.stringContaining('error="invalid_dpop_proof"'),
  })
})

test('a proof by another key is refused', async () => {
  await expect(verifier.verify(request(await aProof(otherKey, { token })))).rejects.toMatchObject({
    code: 'proof-invalid',
  })
})

test('text that is no proof is refused', async () => {
  for (const proof of ['x', 'a.b.c', 'x'.repeat(9000)]) {
    await expect(verifier.verify(request(proof))).rejects.toMatchObject({ code: 'proof-invalid' })
  }
})

test('two proofs are refused', async () => {
  const proof = await aProof(key, { token })
  const headers = new Headers({ authorization: `DPoP ${token}` })
  headers.append('dpop', proof)
  headers.append('dpop', await aProof(key, { token }))
  await expect(verifier.verify(new Request('https://api.example.com/orders', { headers }))).rejects.toMatchObject({
    status: 400,
  })
})

test('a proof counts once, however often it comes at the same time', async () => {
  const proof = await aProof(key, { token })
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => verifier.verify(request(proof))))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('a clock up to a minute off either way is fine', async () => {
  for (const iat of [seconds() - 55, seconds() + 55]) {
    await verifier.verify(request(await aProof(key, { token, claims: { iat } })))
  }
})
