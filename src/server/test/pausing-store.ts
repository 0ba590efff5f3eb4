import type { Store } from '../store/store.ts'

/** Before the first statement of a transaction, or after its last write, before the commit. */
export type PausePoint = 'before it begins' | 'before it commits'

export interface Pause {
  /** The transaction stands there, and waits. */
  reached: Promise<void>
  release(): void
}

/** A real store whose next transaction can be held up, so that another request gets in between. */
export interface PausingStore extends Store {
  pauseNext(point: PausePoint): Pause
}

export function pausing(store: Store): PausingStore {
  let next: { point: PausePoint; reach(): void; released: Promise<void> } | undefined
  const standAt = async (point: PausePoint) => {
    if (next?.point !== point) return
    const { reach, released } = next
    next = undefined
    reach()
    await released
  }
  return {
    get db() {
      return store.db
    },
    async transaction(work) {
      await standAt('before it begins')
      return store.transaction(async (tx) => {
        const value = await work(tx)
        await standAt('before it commits')
        return value
      })
    },
    exclusive: (name, work) => store.exclusive(name, work),
    checkReady: () => store.checkReady(),
    close: () => store.close(),
    pauseNext(point) {
      const reached = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      next = { point, reach: reached.resolve, released: released.promise }
      return { reached: reached.promise, release: released.resolve }
    },
  }
}
