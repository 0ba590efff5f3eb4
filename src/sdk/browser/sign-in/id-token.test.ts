import { UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { checkIdToken } from './id-token.ts'

const now = 1_800_000_000_000
const expected = { issuer: 'https://id.example.com/demo', clientId: 'catalog', nonce: 'n1', now }

function anIdToken(overrides: Record<string, unknown> = {}): string {
  const claims = { iss: expected.issuer, aud: 'catalog', sub: 'ada-1', nonce: 'n1', exp: now / 1000 + 60 }
  return new UnsecuredJWT({ ...claims, ...overrides }).encode()
}

test('accepts what it asked for', () => {
  expect(checkIdToken(anIdToken(), expected).claims.sub).toBe('ada-1')
  expect(checkIdToken(anIdToken({ aud: ['catalog', 'other'], azp: 'catalog' }), expected).claims.sub).toBe('ada-1')
})

test.each([
  ['another issuer', { iss: 'https://id.example.com/other' }],
  ['an issuer with a slash more', { iss: 'https://id.example.com/demo/' }],
  ['another audience', { aud: 'other' }],
  ['several audiences and another party', { aud: ['catalog', 'other'], azp: 'other' }],
  ['several audiences and no party', { aud: ['catalog', 'other'] }],
  ['another nonce', { nonce: 'n2' }],
  ['no nonce', { nonce: undefined }],
  ['an end that has passed', { exp: now / 1000 - 61 }],
  ['no end', { exp: undefined }],
  ['an end in words', { exp: 'tomorrow' }],
  ['no subject', { sub: undefined }],
  ['an empty subject', { sub: '' }],
])('refuses %s (OpenID Connect Core section 3.1.3.7)', (_name, overrides) => {
  expect(() => checkIdToken(anIdToken(overrides), expected)).toThrow(/ID token/)
})

test.each([undefined, '', 'opaque', 'a.b.c', 'a.bnVsbA.c'])('refuses %j, which is no ID token', (raw) => {
  expect(() => checkIdToken(raw, expected)).toThrow(/missing|issuer/)
})

test('a renewal must be about the same person', () => {
  expect(() => checkIdToken(anIdToken(), { ...expected, nonce: undefined, sub: 'ben-1' })).toThrow(/somebody else/)
})
