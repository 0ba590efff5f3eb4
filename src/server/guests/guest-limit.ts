import type { Limits } from '../config/schema.ts'
import type { Store } from '../store/store.ts'
import { createNetworkLimit, type NetworkLimit } from './network-limit.ts'

/** Bounds how many guests a network may make, and all networks together. */
export function createGuestLimit(store: Store, tenantId: string, limits: Limits): NetworkLimit {
  return createNetworkLimit(store, {
    name: `guests ${tenantId}`,
    burst: limits.guest_burst,
    perMinute: limits.guests_per_minute,
    burstTotal: limits.guest_burst_total,
    perMinuteTotal: limits.guests_per_minute_total,
  })
}
