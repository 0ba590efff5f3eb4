const FRESH_MS = 600_000
const KEPT_MS = 86_400_000
const RETRY_MS = 5_000

/**
 * Loads when first asked, once for all who ask meanwhile, and keeps it for ten minutes. What can't be loaded again is used
 * for a day more; what couldn't be loaded at all is not tried again within five seconds, so that nobody waits in turn.
 */
export function remembered<T>(load: () => Promise<T>): () => Promise<T> {
  let kept: { value: T; at: number } | undefined
  let failed: { error: unknown; at: number } | undefined
  let loading: Promise<T> | undefined

  const loadAgain = async () => {
    try {
      kept = { value: await load(), at: Date.now() }
      failed = undefined
      return kept.value
    } catch (error) {
      failed = { error, at: Date.now() }
      if (kept && isWithin(kept.at, KEPT_MS)) return kept.value
      throw error
    } finally {
      loading = undefined
    }
  }

  return async () => {
    if (kept && isWithin(kept.at, FRESH_MS)) return kept.value
    if (failed && isWithin(failed.at, RETRY_MS)) {
      if (kept && isWithin(kept.at, KEPT_MS)) return kept.value
      throw failed.error
    }
    loading ??= loadAgain()
    return loading
  }
}

/** Also when the clock was set back meanwhile. */
function isWithin(at: number, ms: number): boolean {
  return Math.abs(Date.now() - at) < ms
}
