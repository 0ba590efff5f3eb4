import { describe, expect, it } from 'vitest'
import { networkOf } from './network.ts'

describe('the network of an address', () => {
  it.each([
    '1.2.3.4',
    '1.2.3.255',
    '::ffff:1.2.3.4',
    '::FFFF:1.2.3.4',
    '::ffff:102:304',
    '0:0:0:0:0:ffff:0102:0304',
    '64:ff9b::1.2.3.4',
    '64:ff9b::102:304',
    '2002:102:304::1',
    '2002:0102:0304:ffff:1234::5',
    '1.2.3.4:51234',
    '[::ffff:1.2.3.4]:51234',
  ])('is the same /24 however one IPv4 address is written: %s', (address) => {
    expect(networkOf(address)).toBe('1.2.3.0/24')
  })

  it.each([
    '2001:db8:1:2::1',
    '2001:0db8:0001:0002:ffff:ffff:ffff:ffff',
    '2001:DB8:1:2::1%eth0',
    '[2001:db8:1:2::1]',
    '[2001:db8:1:2::1]:443',
  ])('is the same /64 however an IPv6 address is written: %s', (address) => {
    expect(networkOf(address)).toBe(networkOf('2001:db8:1:2::'))
  })

  it('is another one next door', () => {
    const addresses = ['1.2.3.4', '1.2.4.4', '2001:db8:1:2::1', '2001:db8:1:3::1', '2002:103:304::1', '::1']
    expect(new Set(addresses.map(networkOf)).size).toBe(addresses.length)
  })

  it.each(['', 'unknown', 'localhost', '1.2.3', '1.2.3.4.5', '999.1.1.1', '1.2.3.4, 5.6.7.8', '<script>', '_hidden'])(
    'is one for all that is no address: %s',
    (address) => {
      expect(networkOf(address)).toBe('unknown')
    },
  )
})
