import type { BrowserEnvironment, KeyValueStorage, WakeEvent } from '../browser/environment.ts'
import { createMemoryStore } from '../browser/session/session-store.ts'
import type { Relation } from '../browser/silent/frames.ts'

/** A browser in process: what its tabs share, and tabs with an address bar each. */
export function aBrowser() {
  const storage = aStorage()
  const sessions = new Map<string, ReturnType<typeof createMemoryStore>>()
  let listeners: { name: string; tab: number; listener: (message: unknown) => void }[] = []
  const locks = new Map<string, Promise<unknown>>()
  let tabs = 0

  /** Opens a tab on an address; `fetch` is what answers it. With the tab's own storage it is a reload. */
  function openTab(address: string | URL, fetch: typeof globalThis.fetch, tabStorage = aStorage()) {
    tabs += 1
    const own = tabs
    const wakes: ((event: WakeEvent) => void)[] = []
    const tab = {
      /** Addresses the tab has left for. */
      left: [] as URL[],
      /** Every address the bar has shown. */
      shown: [new URL(address)],
      announced: 0,
      isHidden: false,
      env: {} as BrowserEnvironment,
      tabStorage,
      get address() {
        return tab.shown.at(-1) as URL
      },
      wake: (event: WakeEvent) => {
        for (const listener of wakes) listener(event)
      },
    }
    tab.env = {
      fetch,
      page: {
        get address() {
          return new URL(tab.address)
        },
        open: (url) => void tab.left.push(new URL(url)),
        openInstead: (url) => void tab.left.push(new URL(url)),
        rewrite: (url) => void tab.shown.push(new URL(url)),
        announce: () => {
          tab.announced += 1
        },
      },
      storage,
      tabStorage: tab.tabStorage,
      openSessions: (clientKey) => {
        const store = sessions.get(clientKey) ?? createMemoryStore()
        sessions.set(clientKey, store)
        return { ...store, isLasting: true }
      },
      openChannel: (name) => ({
        post(message) {
          const copy = structuredClone(message)
          const others = listeners.filter((one) => one.name === name && one.tab !== own)
          setTimeout(() => {
            for (const { listener } of others) listener(copy)
          })
        },
        listen: (listener) => void listeners.push({ name, tab: own, listener }),
      }),
      frames: async () => ({
        relationTo: () => browser.frames.relation,
        ask(address) {
          browser.frames.opened.push(address)
          return browser.frames.answer(address)
        },
      }),
      async exclusively(name, work) {
        const before = locks.get(name) ?? Promise.resolve()
        const mine = before.then(work, work)
        locks.set(
          name,
          mine.catch(() => undefined),
        )
        return mine
      },
      markLiveBrowser: () => browser.isLive,
      onWake: (listener) => void wakes.push(listener),
      isHidden: () => tab.isHidden,
      underWay: new Map(),
    }
    return tab
  }

  const browser = {
    openTab,
    storage,
    sessions,
    /** Hidden frames: where the portal is, the addresses opened so far, and what a frame posts. */
    frames: {
      relation: 'same-site' as Relation,
      opened: [] as URL[],
      answer: async (_address: URL): Promise<unknown> => undefined,
    },
    /** Whether it has not been closed since somebody signed in. */
    isLive: true,
    /** Ends what open tabs would answer. */
    closeTabs() {
      listeners = []
    },
  }
  return browser
}

export type ABrowser = ReturnType<typeof aBrowser>
export type ATab = ReturnType<ABrowser['openTab']>

export function aStorage(): KeyValueStorage & { entries(): [string, string][] } {
  const values = new Map<string, string>()
  return {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => values.set(key, value).has(key),
    remove: (key) => void values.delete(key),
    keys: (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)),
    entries: () => [...values],
  }
}
