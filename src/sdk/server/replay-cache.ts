/** Remembers for a while what must not come twice; bounded in time and size. */
export interface ReplayCache {
  /** Notes a value; false when it was noted before. */
  add(value: string): boolean
}

/** What {@link createReplayCache} is bounded by. */
export interface ReplayLimits {
  lifetimeMs: number
  mostEntries: number
  /** Epoch milliseconds. */
  now(): number
}

/** Makes an empty cache. Full, it forgets the oldest: they are the nearest to their end. */
export function createReplayCache({ lifetimeMs, mostEntries, now }: ReplayLimits): ReplayCache {
  // A Map keeps the order of arrival, which is the order of ends.
  const ends = new Map<string, number>()
  const sweep = () => {
    for (const [value, end] of ends) {
      if (end > now() && ends.size < mostEntries) break
      ends.delete(value)
    }
  }
  return {
    add(value) {
      const end = ends.get(value)
      if (end !== undefined && end > now()) return false
      ends.delete(value)
      sweep()
      ends.set(value, now() + lifetimeMs)
      return true
    },
  }
}
