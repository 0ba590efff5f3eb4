import { sharedPart, type TokenSet } from './token-set.ts'

/** Access tokens that are good for a while yet, by what was asked for; bounded in time and number. */
export interface TokenCache {
  /** A set that was kept, without its refresh token: that is the first one's who asked. */
  find(key: string): TokenSet | undefined
  keep(key: string, tokens: TokenSet): void
  /** Lets go of whatever this access or refresh token came with. */
  forget(token: string): void
}

/** What {@link createTokenCache} needs. */
export interface TokenCacheDeps {
  /** Epoch milliseconds. */
  now(): number
  mostEntries?: number
}

const longestMarginMs = 5 * 60_000
const marginShare = 0.5

interface Kept {
  tokens: TokenSet
  /** Epoch milliseconds. */
  endsAt: number
  usableUntil: number
}

/**
 * Makes an empty cache. A token is handed out until five minutes before its end, or for half its life if that is sooner.
 * Full, the cache lets go of the oldest.
 */
export function createTokenCache({ now, mostEntries = 1_000 }: TokenCacheDeps): TokenCache {
  const entries = new Map<string, Kept>()
  const sweep = () => {
    for (const [key, { usableUntil }] of entries) {
      if (usableUntil <= now()) entries.delete(key)
    }
  }
  return {
    find(key) {
      const kept = entries.get(key)
      if (!kept || kept.usableUntil <= now()) return undefined
      return sharedPart(kept.tokens, Math.floor((kept.endsAt - now()) / 1000))
    },
    keep(key, tokens) {
      if (entries.size >= mostEntries) sweep()
      const [oldest] = entries.keys()
      if (entries.size >= mostEntries && oldest !== undefined) entries.delete(oldest)
      const lifetimeMs = tokens.expiresIn * 1000
      const endsAt = now() + lifetimeMs
      const usableUntil = endsAt - Math.min(longestMarginMs, lifetimeMs * marginShare)
      entries.delete(key)
      entries.set(key, { tokens, endsAt, usableUntil })
    },
    forget(token) {
      for (const [key, { tokens }] of entries) {
        if (tokens.accessToken === token || tokens.refreshToken === token) entries.delete(key)
      }
    },
  }
}
