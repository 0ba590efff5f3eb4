import type { Store } from '../store/store.ts'

/** A real store that fails whatever it is asked, while the test says so. */
export interface BreakableStore extends Store {
  breakWith(error: Error): void
  mend(): void
}

export function breakable(store: Store): BreakableStore {
  let failure: Error | undefined
  const whole = () => {
    if (failure) throw failure
    return store
  }
  return {
    get db() {
      return whole().db
    },
    transaction: async (work) => whole().transaction(work),
    exclusive: async (name, work) => whole().exclusive(name, work),
    checkReady: async () => whole().checkReady(),
    close: () => store.close(),
    breakWith: (error) => {
      failure = error
    },
    mend: () => {
      failure = undefined
    },
  }
}
