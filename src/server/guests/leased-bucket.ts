import { type BucketRequest, takeFromBucket } from '../store/rate-buckets.ts'
import type { Store } from '../store/store.ts'

export type Bucket = Omit<BucketRequest, 'want'>

/** How much of a full bucket a node takes at once: so much it may hold back from its neighbours. */
const LEASE_SHARE = 0.1

/**
 * A token bucket of the store that a node takes from in portions, so that handing one out writes nothing. What it holds
 * has left the bucket already: all nodes together never hand out more than flowed in.
 */
export class LeasedBucket {
  readonly #store: Store
  readonly #bucket: Bucket
  #left = 0
  /** While the store is known to have nothing, it isn't asked: a flood of refusals writes nothing either. */
  #empty = { from: 0, until: 0 }
  #asking: Promise<void> | undefined

  constructor(store: Store, bucket: Bucket) {
    this.#store = store
    this.#bucket = bucket
  }

  /** Takes one. 0 when it did, else the seconds until there is one. */
  async take(now: number): Promise<number> {
    while (this.#left < 1) {
      const wait = this.secondsToWait(now)
      if (wait > 0) return wait
      this.#asking ??= this.#ask(now).finally(() => {
        this.#asking = undefined
      })
      await this.#asking
    }
    this.#left -= 1
    return 0
  }

  /** Seconds until the store has to be asked again; 0 when this node doesn't know better. */
  secondsToWait(now: number): number {
    const { from, until } = this.#empty
    // A clock that was set back knows nothing about the time before.
    return now < from || now >= until ? 0 : Math.ceil((until - now) / 1000)
  }

  async #ask(now: number): Promise<void> {
    const want = Math.max(1, Math.floor(this.#bucket.capacity * LEASE_SHARE))
    const { taken, retryAfterSeconds } = await this.#store.transaction((tx) =>
      takeFromBucket(tx, { ...this.#bucket, want }, now),
    )
    this.#left += taken
    if (taken === 0) this.#empty = { from: now, until: now + Math.max(1, retryAfterSeconds) * 1000 }
  }
}
