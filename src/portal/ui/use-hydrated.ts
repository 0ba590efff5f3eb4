import { useSyncExternalStore } from 'react'

/** False on the server and for the first drawing in the browser, so that both draw the same; true from then on. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => true,
    () => false,
  )
}

function subscribe() {
  return () => undefined
}
