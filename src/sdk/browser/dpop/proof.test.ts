import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, type JWK, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { createKeyPair, thumbprint } from './key.ts'
import { createProof } from './proof.ts'

const now = Date.now()
const url = new URL('https://api.example.com/orders?page=2#top')

test('a proof is a signed JWT of its own type with the public key in it (RFC 9449 section 4.2)', async () => {
  const key = await createKeyPair()
  const proof = await createProof({ key, method: 'POST', url, now })
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { algorithms: ['ES256'], typ: 'dpop+jwt' })
  expect(payload).toEqual({
    jti: expect.stringMatching(/^[\w-]{22}$/),
    htm: 'POST',
    htu: 'https://api.example.com/orders',
    iat: Math.floor(now / 1000),
  })
  expect(Object.keys(protectedHeader.jwk ?? {}).sort()).toEqual(['crv', 'kty', 'x', 'y'])
})

test('with a token it carries the hash of it, with a nonce the nonce', async () => {
  const key = await createKeyPair()
  const proof = await createProof({ key, method: 'GET', url, now, nonce: 'n1', accessToken: 'token' })
  const { payload } = await jwtVerify(proof, EmbeddedJWK)
  // SHA-256 of "token", base64url.
  expect(payload).toMatchObject({ nonce: 'n1', ath: 'PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A' })
})

test('no two proofs have the same id', async () => {
  const key = await createKeyPair()
  const proofs = await Promise.all(Array.from({ length: 20 }, () => createProof({ key, method: 'GET', url, now })))
  const ids = await Promise.all(proofs.map(async (proof) => (await jwtVerify(proof, EmbeddedJWK)).payload.jti))
  expect(new Set(ids).size).toBe(20)
})

test('the key can sign and can not be exported', async () => {
  const { privateKey } = await createKeyPair()
  expect(privateKey.extractable).toBe(false)
  await expect(crypto.subtle.exportKey('jwk', privateKey)).rejects.toThrow()
})

test('the thumbprint is the one of RFC 7638', async () => {
  const key = await createKeyPair()
  const { jwk } = decodeProtectedHeader(await createProof({ key, method: 'GET', url, now }))
  expect(await thumbprint(key)).toBe(await calculateJwkThumbprint(jwk as JWK))
})
