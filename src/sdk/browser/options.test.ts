import { expect, test } from 'vitest'
import { createAuth } from './create-auth.ts'
import { type AuthOptions, resolveOptions } from './options.ts'

const options: AuthOptions = {
  issuer: 'https://id.example.com/demo',
  clientId: 'catalog',
  redirectUri: 'https://shop.example/app/callback',
}

test('fills in the defaults', () => {
  const { redirectUri, homeUri, ...rest } = resolveOptions(options)
  expect(rest).toEqual({
    issuer: 'https://id.example.com/demo',
    clientId: 'catalog',
    scope: ['openid', 'profile', 'email'],
    persist: 'device',
    dpop: true,
    silentSignIn: 'off',
  })
  expect(redirectUri.href).toBe('https://shop.example/app/callback')
  expect(homeUri.href).toBe('https://shop.example/app/')
})

test('openid is always asked, once', () => {
  expect(resolveOptions({ ...options, scope: ['Shopper', 'openid'] }).scope).toEqual(['openid', 'Shopper'])
})

test.each(['http://localhost:3001/cb', 'http://shop.localhost/cb', 'http://127.0.0.1/cb', 'http://[::1]:80/cb'])(
  'http is fine on this computer: %s',
  (redirectUri) => {
    expect(() => resolveOptions({ ...options, redirectUri })).not.toThrow()
  },
)

test.each<[string, Partial<Record<keyof AuthOptions | 'guests', unknown>>, RegExp]>([
  ['an issuer that is not an address', { issuer: 'demo' }, /`issuer` must be an absolute address/],
  ['an issuer over http', { issuer: 'http://id.example.com/demo' }, /`issuer` must be https/],
  [
    'an issuer with a slash at the end',
    { issuer: 'https://id.example.com/demo/' },
    /`issuer` must not end with a slash/,
  ],
  ['an issuer with a query', { issuer: 'https://id.example.com/demo?x=1' }, /`issuer` must not have a query/],
  ['no client id', { clientId: '' }, /`clientId` must be/],
  ['a relative redirect address', { redirectUri: '/callback' }, /`redirectUri` must be an absolute address/],
  ['a redirect address with a fragment', { redirectUri: 'https://shop.example/#/cb' }, /must not have a fragment/],
  ['a redirect address that only looks local', { redirectUri: 'http://localhost.evil.example/' }, /must be https/],
  ['a scope in one string', { scope: 'profile email' }, /`scope` must be a list/],
  ['a scope value with a space', { scope: ['profile email'] }, /"profile email", which is not one scope value/],
  [
    'a place to keep it that does not exist',
    { persist: 'forever' },
    /`persist` must be one of device, session, memory/,
  ],
  ['dpop in words', { dpop: 'yes' }, /`dpop` must be true or false/],
  ['an option that does not exist', { guests: true }, /`guests` is not an option; there are issuer/],
])('%s is refused with a sentence', (_name, wrong, message) => {
  const given = { ...options, ...wrong } as AuthOptions
  expect(() => createAuth(given)).toThrow(message)
})

test('on a server nobody is known and nothing can be asked for', async () => {
  const auth = createAuth(options)
  expect(auth.getState()).toEqual({ status: 'loading', isRefreshing: false })
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'not-in-browser' })
})
