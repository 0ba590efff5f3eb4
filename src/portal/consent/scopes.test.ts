import { expect, test } from 'vitest'
import { permissionsOf } from './scopes.ts'

test('known scope values are said in words, in the order of the table', () => {
  expect(permissionsOf(['offline_access', 'email', 'openid', 'profile']).map((permission) => permission.id)).toEqual([
    'profile',
    'email',
    'offline_access',
  ])
})

test('every other value is a role, by its own name', () => {
  expect(permissionsOf(['openid', 'Shopper'])).toEqual([{ id: 'Shopper', role: 'Shopper' }])
})

test('openid alone means to know who somebody is', () => {
  expect(permissionsOf(['openid'])).toEqual([{ id: 'openid', text: 'know who you are' }])
})

test('a value sent twice is asked once', () => {
  expect(permissionsOf(['Shopper', 'profile', 'Shopper'])).toHaveLength(2)
})
