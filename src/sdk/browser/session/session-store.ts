import type { SessionRecord } from './session-record.ts'

/** What is kept for one client: the session, and the key its tokens are bound to. */
export interface StoredClient {
  session?: SessionRecord
  key?: CryptoKeyPair
}

/** Keeps {@link StoredClient}, for all tabs or for this page. */
export interface SessionStore {
  /** Whether it outlives the page. */
  readonly isLasting: boolean
  read(): Promise<StoredClient>
  /** Replaces what is kept by what `edit` makes of it, in one step that no other tab can come between. */
  change(edit: (current: StoredClient) => StoredClient): Promise<StoredClient>
}

/** Keeps everything in this page's memory, beginning with what was kept elsewhere. */
export function createMemoryStore(initial: StoredClient = {}): SessionStore {
  let stored = initial
  return {
    isLasting: false,
    read: async () => stored,
    async change(edit) {
      stored = edit(stored)
      return stored
    },
  }
}
