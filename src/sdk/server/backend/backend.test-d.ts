import { expectTypeOf, test } from 'vitest'
import {
  AuthError,
  type AuthErrorCode,
  type Backend,
  type CallOptions,
  createBackend,
  TokenError,
  type TokenErrorCode,
  type TokenSet,
  type ValidatedToken,
  type VerifiedToken,
} from '../index.ts'

declare const backend: Backend
const options = { issuer: '', clientId: '', clientSecret: '' }

test('a backend is made of issuer, client and secret, and of nothing else', () => {
  expectTypeOf(createBackend).toBeCallableWith(options)
  expectTypeOf(createBackend).toBeCallableWith({ ...options, clientSecret: process.env.SECRET })
  // @ts-expect-error the secret is missing
  expectTypeOf(createBackend).toBeCallableWith({ issuer: '', clientId: '' })
  // @ts-expect-error there is no such option
  createBackend({ ...options, appToken: '' })
})

test('a member is named by exactly one identifier', () => {
  expectTypeOf(backend.memberToken).toBeCallableWith({ ssoId: 'acme|ada' })
  expectTypeOf(backend.memberToken).toBeCallableWith({ memberId: 1001, scope: ['Shopper'] })
  expectTypeOf(backend.memberToken).toBeCallableWith({ email: 'ada@demo.test', guestToken: 'g', cache: false })
  // @ts-expect-error nobody is named
  expectTypeOf(backend.memberToken).toBeCallableWith({ scope: ['Shopper'] })
  // @ts-expect-error two are named
  expectTypeOf(backend.memberToken).toBeCallableWith({ ssoId: 'acme|ada', email: 'ada@demo.test' })
})

test('a scope is a list, and one that can’t be written to will do', () => {
  const scope = ['Shopper'] as const
  expectTypeOf(backend.clientCredentials).toBeCallableWith({ scope })
  expectTypeOf(backend.elevatedLogin).toBeCallableWith({ username: '', password: '', scope, customRoles: scope })
  // @ts-expect-error one string is no list
  expectTypeOf(backend.clientCredentials).toBeCallableWith({ scope: 'Shopper' })
})

test('every call takes a signal, a time limit and a label', () => {
  const limits: CallOptions = { signal: AbortSignal.timeout(1), timeoutMs: 1, label: 'checkout' }
  expectTypeOf(backend.elevatedLogin).parameter(1).toEqualTypeOf<CallOptions | undefined>()
  expectTypeOf(backend.clientCredentials).toBeCallableWith(undefined, limits)
  expectTypeOf(backend.memberToken).parameter(1).toEqualTypeOf<CallOptions | undefined>()
  expectTypeOf(backend.refresh).parameter(1).toEqualTypeOf<CallOptions | undefined>()
  expectTypeOf(backend.revoke).toBeCallableWith('token', limits)
  expectTypeOf(backend.validate).toBeCallableWith('token', limits)
})

test('tokens come in camelCase, and what may be missing says so', () => {
  expectTypeOf(backend.refresh).returns.resolves.toEqualTypeOf<TokenSet>()
  expectTypeOf<TokenSet['accessToken']>().toEqualTypeOf<string>()
  expectTypeOf<TokenSet['refreshToken']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<TokenSet['scope']>().toEqualTypeOf<readonly string[]>()
  expectTypeOf(backend.revoke).returns.resolves.toEqualTypeOf<void>()
  expectTypeOf(backend.validate).returns.resolves.toEqualTypeOf<ValidatedToken>()
  expectTypeOf<ValidatedToken>().toExtend<VerifiedToken>()
  // @ts-expect-error read-only
  ;(({}) as TokenSet).accessToken = ''
})

test('there is one error, and the one of APIs is a kind of it', () => {
  expectTypeOf<TokenError>().toExtend<AuthError>()
  expectTypeOf<TokenErrorCode>().toExtend<AuthErrorCode>()
  const thrown: unknown = undefined
  if (thrown instanceof TokenError) expectTypeOf(thrown.code).toEqualTypeOf<TokenErrorCode>()
  if (thrown instanceof AuthError) expectTypeOf(thrown.label).toEqualTypeOf<string | undefined>()
})
