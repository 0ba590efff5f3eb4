import { expect, test } from 'vitest'
import { toAccessToken } from './access-token.ts'

const login = { login: 'l1', generation: 1 }
const tokens = (lifetimeSeconds: number) => ({
  accessToken: 'a',
  tokenType: 'DPoP' as const,
  issuedAt: 1_000_000,
  expiresAt: 1_000_000 + lifetimeSeconds * 1000,
  scope: undefined,
  sessionId: undefined,
  refreshToken: undefined,
  idToken: undefined,
  company: undefined,
})

test('a token of ten minutes is renewed half a minute before its end, or up to a minute earlier still', () => {
  expect(toAccessToken(tokens(600), login, () => 0).renewAt).toBe(1_000_000 + 570_000)
  expect(toAccessToken(tokens(600), login, () => 1).renewAt).toBe(1_000_000 + 510_000)
})

test('a short one is renewed a part of its life before the end', () => {
  expect(toAccessToken(tokens(10), login, () => 0).renewAt).toBe(1_000_000 + 8_000)
})

test('it is not sent any more when it could end on its way', () => {
  expect(toAccessToken(tokens(600), login).unusableAt).toBe(1_000_000 + 595_000)
  expect(toAccessToken(tokens(10), login).unusableAt).toBe(1_000_000 + 9_000)
})
