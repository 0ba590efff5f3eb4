import { AsyncLocalStorage } from 'node:async_hooks'
import type { CompiledQuery, KyselyPlugin, RootOperationNode } from 'kysely'
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
  const step = async () => {
    const request = requests.getStore()
    if (request) await onStep(++request.steps)
  }
  return {
    get db() {
      return watched(store.db, step)
    },
    async transaction(work) {
      const result = await store.transaction((tx) => work(watched(tx, step)))
      await step()
      return result
    },
    exclusive: (name, work) => store.exclusive(name, work),
    checkReady: () => store.checkReady(),
    close: () => store.close(),
    run: (request) => requests.run({ steps: 0 }, request),
  }
}

/** The same database, in which each write waits for `afterWrite` before it is answered. */
function watched(db: Db, afterWrite: () => Promise<void>): Db {
  const writes = new WeakSet<object>()
  const note = ({ kind }: RootOperationNode, queryId: object) => {
    if (WRITES.includes(kind)) writes.add(queryId)
  }
  const plugin: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      note(node, queryId)
      return node
    },
    async transformResult({ result, queryId }) {
      if (writes.has(queryId)) await afterWrite()
      return result
    },
  }
  const plugged = db.withPlugin(plugin)
  const { executeQuery } = plugged
  return Object.assign(plugged, {
    // Queries prepared before skip the plugin's first half.
    executeQuery(query: CompiledQuery) {
      note(query.query, query.queryId)
      return executeQuery.call(plugged, query)
    },
  })
}
