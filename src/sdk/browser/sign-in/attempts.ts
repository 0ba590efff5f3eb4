import { AuthError } from '../../wire/auth-error.ts'
import type { KeyValueStorage } from '../environment.ts'

/**
 * Sign-ins on their way, one record each, so that tabs and repeated tries don't overwrite one another.
 *
 * The first four are the interface oidc-client-ts writes its records through.
 */
export interface Attempts {
  set(state: string, record: string): Promise<void>
  get(state: string): Promise<string | null>
  remove(state: string): Promise<string | null>
  getAllKeys(): Promise<string[]>
  /**
   * Takes the record of an answer, so that the same answer means nothing a second time; null when there is none.
   * Synchronous: nothing in this tab can come between looking and taking.
   */
  claim(state: string): string | null
}

/** The portal revives a request for seven days, so an answer may come that late. */
export const attemptLifetimeSeconds = 7 * 24 * 60 * 60
const mostAttempts = 20

/** Opens the records of one client. */
export function openAttempts(storage: KeyValueStorage, clientPrefix: string): Attempts {
  const prefix = `${clientPrefix}attempt.`
  const claim = (state: string) => {
    const record = storage.get(prefix + state)
    storage.remove(prefix + state)
    return record
  }
  return {
    async set(state, record) {
      if (!storage.set(prefix + state, record)) throw new AuthError('storage-unavailable')
      dropOldest(storage, prefix)
    },
    get: async (state) => storage.get(prefix + state),
    remove: async (state) => claim(state),
    getAllKeys: async () => storage.keys(prefix).map((key) => key.slice(prefix.length)),
    claim,
  }
}

function dropOldest(storage: KeyValueStorage, prefix: string): void {
  const byAge = storage.keys(prefix).map((key) => ({ key, at: createdAt(storage.get(key)) }))
  byAge.sort((a, b) => b.at - a.at)
  for (const { key } of byAge.slice(mostAttempts)) storage.remove(key)
}

function createdAt(record: string | null): number {
  try {
    return Number(JSON.parse(record ?? '').created) || 0
  } catch {
    return 0
  }
}
