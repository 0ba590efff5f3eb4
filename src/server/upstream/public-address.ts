import { type LookupAddress, lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Whether an address is out on the internet, not on this machine or in a network it can see from inside. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.process(address).range() === 'unicast'
}

/** Whether a host is certainly not public: an address that says so. A name is known when it is looked up. */
export function isInsideAddress(hostname: string): boolean {
  const plain = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(plain) !== 0 && !isPublicAddress(plain)
}

/** Looks a name up for a connection, and refuses what leads inside: checked where it is used, so it can't change in between. */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, [])
    if (addresses.some(({ address }) => !isPublicAddress(address))) return callback(insideError(hostname), [])
    const [first] = addresses as [LookupAddress]
    return options.all ? callback(null, addresses) : callback(null, first.address, first.family)
  })
}

function insideError(hostname: string): NodeJS.ErrnoException {
  return new Error(`${hostname} leads to an address that is not public`)
}
