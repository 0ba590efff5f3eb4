import type { Limits } from '../config/schema.ts'
import type { Store } from '../store/store.ts'
import { networkOf } from '../throttles/network.ts'
import { LeasedBucket } from './leased-bucket.ts'

/** Bounds how many guests a network may make, and all networks together, over all nodes. */
export interface GuestLimit {
  /** 0 when the guest may be made, else the seconds to wait. */
  secondsToWait(ip: string, now: number): Promise<number>
}

/** Networks a node remembers, the latest: what it held for a forgotten one is lost to that network. */
const MOST_NETWORKS = 10_000

export function createGuestLimit(store: Store, tenantId: string, limits: Limits): GuestLimit {
  const networks = new Map<string, LeasedBucket>()
  const everybody = new LeasedBucket(store, {
    name: `guests ${tenantId}`,
    capacity: limits.guest_burst_total,
    perSecond: limits.guests_per_minute_total / 60,
  })

  function bucketOf(network: string): LeasedBucket {
    const bucket =
      networks.get(network) ??
      new LeasedBucket(store, {
        name: `guests ${tenantId} ${network}`,
        capacity: limits.guest_burst,
        perSecond: limits.guests_per_minute / 60,
      })
    networks.delete(network)
    networks.set(network, bucket)
    if (networks.size > MOST_NETWORKS) forgetOldest()
    return bucket
  }

  function forgetOldest(): void {
    const [oldest] = networks.keys()
    if (oldest !== undefined) networks.delete(oldest)
  }

  return {
    async secondsToWait(ip, now) {
      // Before a network gets a row: a flood from ever new networks leaves no more of them than guests.
      const wait = everybody.secondsToWait(now)
      if (wait > 0) return wait
      return (await bucketOf(networkOf(ip)).take(now)) || everybody.take(now)
    },
  }
}
