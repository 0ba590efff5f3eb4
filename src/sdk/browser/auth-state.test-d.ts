import { expectTypeOf, test } from 'vitest'
import type { AuthErrorCode } from '../wire/auth-error.ts'
import type { AuthState, AuthUser, GuestReason } from './auth-state.ts'
import { type AuthError, createAuth, isAuthError } from './index.ts'

declare const state: AuthState

test('user and roles exist for a member and for nobody else', () => {
  if (state.status === 'member') {
    expectTypeOf(state.user).toEqualTypeOf<AuthUser>()
    expectTypeOf(state.roles).toEqualTypeOf<readonly string[]>()
    expectTypeOf(state.sessionId).toEqualTypeOf<string>()
    expectTypeOf(state.company).toEqualTypeOf<string | undefined>()
    expectTypeOf(state.reason).toEqualTypeOf<'company-lost' | undefined>()
  } else {
    expectTypeOf(state).not.toHaveProperty('user')
    expectTypeOf(state).not.toHaveProperty('roles')
  }
})

test('a guest has a subject and a session, and perhaps a reason', () => {
  if (state.status === 'guest') {
    expectTypeOf(state.sub).toEqualTypeOf<string>()
    expectTypeOf(state.sessionId).toEqualTypeOf<string>()
    expectTypeOf(state.reason).toEqualTypeOf<GuestReason | undefined>()
  }
})

test('each status has what belongs to it, and all say whether they refresh', () => {
  expectTypeOf(state.status).toEqualTypeOf<'loading' | 'guest' | 'member' | 'signed-out' | 'unknown' | 'error'>()
  expectTypeOf(state.isRefreshing).toEqualTypeOf<boolean>()
  if (state.status === 'error') expectTypeOf(state.error).toEqualTypeOf<AuthError>()
  if (state.status === 'unknown')
    expectTypeOf(state.reason).toEqualTypeOf<'network' | 'server' | 'guest-limit' | 'storage' | 'other-site'>()
})

test('a snapshot can not be written to', () => {
  // @ts-expect-error read-only
  state.isRefreshing = true
  // @ts-expect-error read-only
  if (state.status === 'member') state.user.name = 'Eve'
})

test('options are checked', () => {
  const options = { issuer: '', clientId: '', redirectUri: '' }
  expectTypeOf(createAuth).toBeCallableWith(options)
  // @ts-expect-error persist is a closed list
  expectTypeOf(createAuth).toBeCallableWith({ ...options, persist: 'forever' })
  // @ts-expect-error clientId is missing
  expectTypeOf(createAuth).toBeCallableWith({ issuer: '', redirectUri: '' })
})

test('a sign-in by password takes what was typed and the limits of a call', () => {
  const { signInWithPassword } = createAuth({ issuer: '', clientId: '', redirectUri: '' })
  const typed = { username: '', password: '' }
  expectTypeOf(signInWithPassword).toBeCallableWith({ ...typed, scope: ['Shopper'] as const, customRoles: [] })
  expectTypeOf(signInWithPassword).toBeCallableWith(typed, { signal: AbortSignal.abort(), timeoutMs: 1, label: 'x' })
  // @ts-expect-error one string is no list
  expectTypeOf(signInWithPassword).toBeCallableWith({ ...typed, scope: 'Shopper' })
  // @ts-expect-error a guest is brought along by itself
  void signInWithPassword({ ...typed, guestToken: '' })
})

test('an error narrows to a closed list of codes', () => {
  const thrown: unknown = undefined
  if (isAuthError(thrown)) expectTypeOf(thrown.code).toEqualTypeOf<AuthErrorCode>()
})
