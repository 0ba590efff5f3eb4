import { isIP, isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** NAT64's well-known prefix (RFC 6052) and 6to4 (RFC 3056) carry an IPv4 address inside. */
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96') as [ipaddr.IPv6, number]
const SIX_TO_FOUR = ipaddr.parseCIDR('2002::/16') as [ipaddr.IPv6, number]

/** The network an address counts for: a /24, or a /64 of IPv6; every way of writing one IPv4 address counts as it. */
export function networkOf(ip: string): string {
  if (isIPv4(ip)) return `${ip.slice(0, ip.lastIndexOf('.'))}.0/24`
  const plain = withoutPort(ip)
  if (isIP(plain) === 0) return 'unknown'
  const address = asIpv4(ipaddr.process(plain))
  const bytes = address.toByteArray()
  if (address.kind() === 'ipv4') return `${bytes.slice(0, 3).join('.')}.0/24`
  return `${Buffer.from(bytes.slice(0, 8)).toString('hex')}/64`
}

/** Some proxies forward `1.2.3.4:5678` and `[2001:db8::1]:5678`. */
function withoutPort(ip: string): string {
  const [, v6, v4] = /^(?:\[(.+)\]|([\d.]+))(?::\d+)?$/.exec(ip) ?? []
  return v6 ?? v4 ?? ip
}

function asIpv4(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address.kind() === 'ipv4') return address
  const bytes = address.toByteArray()
  if ((address as ipaddr.IPv6).match(NAT64)) return new ipaddr.IPv4(bytes.slice(12))
  if ((address as ipaddr.IPv6).match(SIX_TO_FOUR)) return new ipaddr.IPv4(bytes.slice(2, 6))
  return address
}
