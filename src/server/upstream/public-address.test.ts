import { expect, test } from 'vitest'
import { isInsideAddress, isPublicAddress } from './public-address.ts'

test.each(['93.184.215.14', '8.8.8.8', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true)
})

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '224.0.0.1',
  '::1',
  '::',
  'fe80::1',
  'fd00::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
])('%s is not', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

test('a host that is an address says where it is, a name doesn’t yet', () => {
  expect(['127.0.0.1', '[::1]', '[::ffff:a00:1]'].map(isInsideAddress)).toEqual([true, true, true])
  expect(['localhost', 'id.acme.test', '[2606:2800:21f:cb07:6820:80da:af6b:8b2c]'].map(isInsideAddress)).toEqual([
    false,
    false,
    false,
  ])
})
