import type { KeyValueStorage } from '../environment.ts'

/** Remembers what asking the portal by itself has come to, for all tabs. */
export interface Asked {
  /** Whether it may be asked now: not right after another tab has, and never to undo a sign-out. */
  isDue(): boolean
  /** It is being asked. */
  note(): void
  /** It may be asked again at once. */
  forget(): void
  /** Somebody signed out here: it is not asked again until somebody signs in. */
  forbid(): void
  /** Takes the one turn this tab has to leave the page for it; tells whether there was one. */
  takeTurn(): boolean
}

const pauseMs = 60_000
const forbidden = 'signed-out'

/** Opens the memory of one client. */
export function openAsked(storage: KeyValueStorage, tabStorage: KeyValueStorage, prefix: string): Asked {
  const key = `${prefix}asked`
  return {
    isDue() {
      const noted = storage.get(key)
      return noted !== forbidden && !(Math.abs(Date.now() - Number(noted)) < pauseMs)
    },
    note: () => storage.set(key, String(Date.now())),
    forget: () => storage.remove(key),
    forbid: () => storage.set(key, forbidden),
    takeTurn: () => tabStorage.get(key) === null && tabStorage.set(key, '1'),
  }
}
