/** The issuer's time, learned from its answers, so that a wrong clock here does not matter. */
export interface Clock {
  /** Now at the issuer, in epoch milliseconds. */
  now(): number
  /** How far the issuer is ahead of this device, in milliseconds. */
  readonly offsetMs: number
  /** Takes over what another tab, or this one before a reload, has learned. */
  setOffset(offsetMs: number): void
  /** Learns from the Date header of an answer; `sentAt` is this device's time. */
  learn(date: string | null, sentAt: number): void
}

/** Differences this small are the header's whole seconds and the way back and forth. */
const toleratedMs = 2_000
/** An answer that took longer says too little about when its Date was written. */
const longestRoundTripMs = 10_000

/** Makes a clock over the device's own. */
export function createClock(deviceNow: () => number = Date.now): Clock {
  let offsetMs = 0
  return {
    now: () => deviceNow() + offsetMs,
    get offsetMs() {
      return offsetMs
    },
    setOffset(value) {
      offsetMs = value
    },
    learn(date, sentAt) {
      const issuerTime = date ? Date.parse(date) + 500 : Number.NaN
      const roundTripMs = deviceNow() - sentAt
      if (Number.isNaN(issuerTime) || roundTripMs < 0 || roundTripMs > longestRoundTripMs) return
      const difference = Math.round(issuerTime - (sentAt + roundTripMs / 2))
      offsetMs = Math.abs(difference) <= toleratedMs ? 0 : difference
    },
  }
}
