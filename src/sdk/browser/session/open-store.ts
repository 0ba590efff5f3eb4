import type { BrowserEnvironment } from '../environment.ts'
import type { ResolvedOptions } from '../options.ts'
import { createMemoryStore, type SessionStore, type StoredClient } from './session-store.ts'

/** The store of one client, and what is wrong with the browser's if this page's memory has to do. */
export interface OpenedStore {
  store: SessionStore
  /** `unavailable`: the browser keeps nothing. `silent`: it may keep something but does not answer. */
  problem?: 'unavailable' | 'silent'
}

/** Opens what `persist` asks for; where the browser can't, falls back to memory and says so. */
export async function openStore(
  { persist }: Pick<ResolvedOptions, 'persist'>,
  clientKey: string,
  env: Pick<BrowserEnvironment, 'openSessions' | 'markLiveBrowser'>,
): Promise<OpenedStore> {
  if (persist === 'memory') return { store: createMemoryStore() }
  const store = env.openSessions(clientKey)
  if (!store) return { store: createMemoryStore(), problem: 'unavailable' }
  try {
    const isNewBrowser = persist === 'session' && !env.markLiveBrowser(clientKey)
    const kept = await (isNewBrowser ? store.change(() => ({})) : store.read())
    return { store: withMemoryBehind(store, kept) }
  } catch (error) {
    const isSilent = error instanceof DOMException && error.name === 'TimeoutError'
    return { store: createMemoryStore(), problem: isSilent ? 'silent' : 'unavailable' }
  }
}

/**
 * Goes on in memory, with what was known last, once the browser's store fails: it may be full, cleared, or refuse keys as
 * some private modes do. Whoever is signed in stays so until the page is closed.
 */
function withMemoryBehind(lasting: SessionStore, kept: StoredClient): SessionStore {
  let store = lasting
  let last = kept
  const attempt = async (work: (store: SessionStore) => Promise<StoredClient>) => {
    try {
      last = await work(store)
    } catch {
      store = createMemoryStore(last)
      last = await work(store)
    }
    return last
  }
  return {
    get isLasting() {
      return store.isLasting
    },
    read: () => attempt((current) => current.read()),
    change: (edit) => attempt((current) => current.change(edit)),
  }
}
