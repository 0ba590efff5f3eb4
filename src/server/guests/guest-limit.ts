import type { Limits } from '../config/schema.ts'
import { takeFromBucket } from '../store/rate-buckets.ts'
import type { Store } from '../store/store.ts'
import { networkOf } from './network.ts'

/** Bounds how many guests a network may make, over all nodes, without writing for each of them. */
export interface GuestLimit {
  /** 0 when the guest may be made, else the seconds to wait. */
  secondsToWait(ip: string, now: number): Promise<number>
}

/** What a node took from a network's bucket and has not handed out yet. */
interface Lease {
  left: number
  until: number
  taking?: Promise<number> | undefined
}

/** A node asks the store once for this share of a bucket; so much more than the limit may be out, at the most, per node. */
const LEASE_SHARE = 0.1
const LEASE_MS = 10_000
const MOST_NETWORKS = 10_000

export function createGuestLimit(store: Store, tenantId: string, limits: Limits): GuestLimit {
  const leases = new Map<string, Lease>()
  const size = Math.max(1, Math.floor(limits.guest_burst * LEASE_SHARE))

  async function take(network: string, lease: Lease, now: number): Promise<number> {
    const bucket = {
      name: `guests ${tenantId} ${network}`,
      want: size,
      capacity: limits.guest_burst,
      perSecond: limits.guests_per_minute / 60,
    }
    const { taken, retryAfterSeconds } = await store.transaction((tx) => takeFromBucket(tx, bucket, now))
    lease.left += taken
    lease.until = now + LEASE_MS
    return taken > 0 ? 0 : Math.max(1, Math.ceil(retryAfterSeconds))
  }

  return {
    async secondsToWait(ip, now) {
      const network = networkOf(ip)
      const lease = leaseOf(leases, network, now)
      while (lease.left < 1) {
        lease.taking ??= take(network, lease, now).finally(() => {
          lease.taking = undefined
        })
        const wait = await lease.taking
        if (wait > 0) return wait
      }
      lease.left -= 1
      return 0
    },
  }
}

function leaseOf(leases: Map<string, Lease>, network: string, now: number): Lease {
  const known = leases.get(network)
  if (known && (known.until > now || known.taking)) return known
  leases.delete(network)
  const [oldest] = leases.keys()
  if (leases.size >= MOST_NETWORKS && oldest !== undefined) leases.delete(oldest)
  const fresh = { left: 0, until: now + LEASE_MS }
  leases.set(network, fresh)
  return fresh
}
