import { type AccessTokenReader, createAccessTokenReader } from '../../engine/access-token-reader.ts'
import { createNetworkLimit, type NetworkLimit } from '../../guests/network-limit.ts'
import type { TenantParts } from '../../tenant-parts.ts'
import { CompatRefused } from '../refusal.ts'

/** A tenant with what its routes work with. */
export interface Shop extends TenantParts {
  reader: AccessTokenReader
  signUps: NetworkLimit
}

/** Finds the tenant that an address names. @throws {CompatRefused} for one that isn't served, or no name at all */
export type FindShop = (name: string | undefined) => Shop

/** A name in capitals is a mistake to be told of, never another spelling. */
const NAME = /^[a-z][a-z0-9]{2,15}$/

export function findShop(parts: readonly TenantParts[]): FindShop {
  const shops = new Map(parts.map((part) => [part.tenant.id, shopOf(part)]))
  return (name = '') => {
    if (!NAME.test(name)) {
      const message = 'must be 3 to 16 lower-case letters and digits, a letter first'
      throw new CompatRefused('fields-invalid', `tenant: ${message}`, { fields: [{ field: 'tenant', message }] })
    }
    const shop = shops.get(name)
    if (!shop) throw new CompatRefused('not-found', 'there is no such tenant')
    return shop
  }
}

/** A household makes a few accounts, a school a few dozen. */
const SIGN_UPS = { burst: 20, perMinute: 1, burstTotal: 1_000, perMinuteTotal: 100 }

function shopOf(parts: TenantParts): Shop {
  const { tenant, keys } = parts
  const signUps = createNetworkLimit(tenant.services.store, { name: `sign-ups ${tenant.id}`, ...SIGN_UPS })
  return { ...parts, reader: createAccessTokenReader(tenant, keys), signUps }
}
