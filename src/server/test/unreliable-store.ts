import type { Store } from '../store/store.ts'

/** A real store whose next transactions can be made to fail, as when the machine dies around a commit. */
export interface UnreliableStore extends Store {
  /** The next transaction is undone after its last write. */
  failBeforeNextCommit(): void
  /** The next transaction is kept, but whoever waits for it learns of a failure. */
  failAfterNextCommit(): void
}

export function unreliable(store: Store): UnreliableStore {
  let failure: 'before' | 'after' | undefined
  const take = (moment: 'before' | 'after') => {
    if (failure !== moment) return
    failure = undefined
    throw new Error(`failed ${moment} the commit, as the test asked`)
  }
  return {
    get db() {
      return store.db
    },
    async transaction(work) {
      const result = await store.transaction(async (tx) => {
        const value = await work(tx)
        take('before')
        return value
      })
      take('after')
      return result
    },
    exclusive: (name, work) => store.exclusive(name, work),
    checkReady: () => store.checkReady(),
    close: () => store.close(),
    failBeforeNextCommit: () => {
      failure = 'before'
    },
    failAfterNextCommit: () => {
      failure = 'after'
    },
  }
}
