export interface BackOff {
  firstMs: number
  lastMs: number
}

/**
 * Milliseconds to wait after the first, second … refusal: at least `firstMs`, twice as long each time, at most `lastMs`.
 * Between half and all of a span, so that events that were refused together don't come back together.
 */
export function backOffMs(refusals: number, { firstMs, lastMs }: BackOff): number {
  const span = Math.min(lastMs, firstMs * 2 ** refusals)
  return Math.round(span / 2 + Math.random() * (span / 2))
}
