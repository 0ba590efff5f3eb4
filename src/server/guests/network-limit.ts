import type { Store } from '../store/store.ts'
import { networkOf } from '../throttles/network.ts'
import { LeasedBucket } from './leased-bucket.ts'

/** Bounds how often a network may do something that strangers may do, and all networks together, over all nodes. */
export interface NetworkLimit {
  /** 0 when it may be done, else the seconds to wait. */
  secondsToWait(ip: string, now: number): Promise<number>
}

export interface NetworkRates {
  /** What the rows are called. */
  name: string
  burst: number
  perMinute: number
  burstTotal: number
  perMinuteTotal: number
}

/** Networks a node remembers, the latest: what it held for a forgotten one is lost to that network. */
const MOST_NETWORKS = 10_000

export function createNetworkLimit(store: Store, rates: NetworkRates): NetworkLimit {
  const { name, burst, perMinute, burstTotal, perMinuteTotal } = rates
  const networks = new Map<string, LeasedBucket>()
  const everybody = new LeasedBucket(store, { name, capacity: burstTotal, perSecond: perMinuteTotal / 60 })

  function bucketOf(network: string): LeasedBucket {
    const bucket =
      networks.get(network) ??
      new LeasedBucket(store, { name: `${name} ${network}`, capacity: burst, perSecond: perMinute / 60 })
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
      // Before a network gets a row: a flood from ever new networks leaves no more of them than it may do.
      const wait = everybody.secondsToWait(now)
      if (wait > 0) return wait
      return (await bucketOf(networkOf(ip)).take(now)) || everybody.take(now)
    },
  }
}
