import type { ClientConfig } from '../../config/schema.ts'
import { LeasedBucket } from '../../guests/leased-bucket.ts'
import type { Store } from '../../store/store.ts'

/** Bounds how many members' tokens a client may ask for, over all nodes. */
export interface MintLimit {
  /** 0 when it may, else the seconds to wait. */
  secondsToWait(client: ClientConfig, now: number): Promise<number>
}

export function createMintLimit(store: Store, tenantId: string): MintLimit {
  const buckets = new Map<string, LeasedBucket>()
  const bucketOf = ({ client_id, mint }: ClientConfig) => {
    const name = `mints ${tenantId} ${client_id}`
    return new LeasedBucket(store, { name, capacity: mint.burst, perSecond: mint.per_minute / 60 })
  }
  return {
    secondsToWait(client, now) {
      const bucket = buckets.get(client.client_id) ?? bucketOf(client)
      buckets.set(client.client_id, bucket)
      return bucket.take(now)
    },
  }
}
