import type { KeyValueStorage } from '../environment.ts'

/** The time between a sign-out here and the end of the portal's session, known to all tabs. */
export interface SignOutPhase {
  start(): void
  end(): void
  /** Waits until it is over: a sign-in started in it would find the old portal session and undo the sign-out. */
  over(): Promise<void>
}

/** The portal takes a moment; a person who stays there has changed their mind. */
const longestMs = 10_000
const pollMs = 100

/** Opens the phase of one client. */
export function openSignOutPhase(storage: KeyValueStorage, prefix: string): SignOutPhase {
  const key = `${prefix}signing-out`
  const isOn = () => {
    const left = Number(storage.get(key) ?? 0) - Date.now()
    return left > 0 && left <= longestMs
  }
  return {
    start: () => storage.set(key, String(Date.now() + longestMs)),
    end: () => storage.remove(key),
    async over() {
      while (isOn()) await new Promise((resolve) => setTimeout(resolve, pollMs))
    },
  }
}
