import { AsyncLocalStorage } from 'node:async_hooks'
import type { KyselyPlugin } from 'kysely'
import type { Db, Store } from '../store/store.ts'

/** A real store that tells of each step of a request, and goes on when it has been heard. */
export interface SteppingStore extends Store {
  /** Counts the steps of what runs inside; background work has none. */
  run<T>(request: () => T): T
}

const WRITES = ['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode']

/** The steps of a request, counted from 1: each write when it is done, each commit when it is done. */
export function stepping(store: Store, onStep: (step: number) => void | Promise<void>): SteppingStore {
  const requests = new AsyncLocalStorage<{ steps: number }>()
  const writes = new WeakSet<object>()

  async function step(): Promise<void> {
    const request = requests.getStore()
    if (request) await onStep(++request.steps)
  }

  const plugin: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      if (WRITES.includes(node.kind)) writes.add(queryId)
      return node
    },
    async transformResult({ result, queryId }) {
      if (writes.has(queryId)) await step()
      return result
    },
  }

  return {
    get db(): Db {
      return store.db.withPlugin(plugin)
    },
    async transaction(work) {
      const result = await store.transaction((tx) => work(tx.withPlugin(plugin)))
      await step()
      return result
    },
    exclusive: (name, work) => store.exclusive(name, work),
    checkReady: () => store.checkReady(),
    close: () => store.close(),
    run: (request) => requests.run({ steps: 0 }, request),
  }
}
