import { expect, test } from 'vitest'
import { isRedirectAddress, readCallback, withoutAnswer } from './callback-address.ts'

const redirectUri = new URL('https://shop.example/callback?app=shop')

test('reads code, state and issuer', () => {
  const address = new URL('https://shop.example/callback?app=shop&code=c&state=s&iss=https%3A%2F%2Fid.example')
  expect(readCallback(address, redirectUri)).toEqual({
    code: 'c',
    state: 's',
    issuer: 'https://id.example',
    error: undefined,
  })
})

test('an empty parameter counts as absent', () => {
  expect(readCallback(new URL('https://shop.example/callback?app=shop&code=&state=s'), redirectUri)).toBeUndefined()
})

test('the redirect address is told by origin, path and its own query', () => {
  const isOurs = (address: string) => isRedirectAddress(new URL(address), redirectUri)
  expect(isOurs('https://shop.example/callback?app=shop&code=c')).toBe(true)
  expect(isOurs('https://shop.example/callback?code=c')).toBe(false)
  expect(isOurs('https://shop.example/callback/?app=shop')).toBe(false)
  expect(isOurs('https://www.shop.example/callback?app=shop')).toBe(false)
})

test('taking the answer out leaves the rest of the address', () => {
  const address = new URL('https://shop.example/callback?app=shop&code=c&state=s&iss=i&error_description=e#part')
  expect(withoutAnswer(address).href).toBe('https://shop.example/callback?app=shop#part')
})
