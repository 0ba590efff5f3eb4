import type { KyselyPlugin } from 'kysely'
import type { Store } from '../../store/store.ts'

/** A real store in a process that can be told to die in the middle of a transaction. */
export interface MortalStore extends Store {
  /** From now on the process is killed at the n-th point; with 0 the points are only counted. */
  dieAt(point: number): void
  pointsReached(): number
}

const WRITES = ['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode']

/** The points: before each write of a transaction, before its commit, and after it. */
export function mortal(store: Store): MortalStore {
  let end: number | undefined
  let reached = 0

  function reach(): void {
    if (end === undefined) return
    reached++
    // No handler, no farewell: as if the power had failed.
    if (reached === end) process.kill(process.pid, 'SIGKILL')
  }

  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      if (WRITES.includes(node.kind)) reach()
      return node
    },
    transformResult: async ({ result }) => result,
  }

  return {
    get db() {
      return store.db
    },
    async transaction(work) {
      const result = await store.transaction(async (tx) => {
        const value = await work(tx.withPlugin(plugin))
        reach()
        return value
      })
      reach()
      return result
    },
    exclusive: (name, work) => store.exclusive(name, work),
    checkReady: () => store.checkReady(),
    close: () => store.close(),
    dieAt: (point) => {
      end = point
    },
    pointsReached: () => reached,
  }
}
