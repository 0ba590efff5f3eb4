import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { isWorthRetrying } from './postgres.ts'
import type { Db } from './store.ts'

interface Running {
  readonly tx: Db
  open: boolean
  /** Why a joined part failed: the whole transaction is then undone, on both databases alike. */
  failure?: { error: unknown }
}

/**
 * Transactions that know each other: on SQLite's one connection a plain call inside a transaction would wait for
 * itself for ever, so whoever asks for the database inside one gets that transaction.
 */
export function createTransactions(root: Db) {
  const context = new AsyncLocalStorage<Running>()
  // Work that outlives its transaction (a forgotten promise) gets the plain database back.
  const running = () => (context.getStore()?.open ? context.getStore() : undefined)

  function current(): Db {
    return running()?.tx ?? root
  }

  async function transaction<T>(work: (tx: Db) => Promise<T>): Promise<T> {
    const outer = running()
    return outer ? join(outer, work) : retrying(() => begin(work))
  }

  function begin<T>(work: (tx: Db) => Promise<T>): Promise<T> {
    return root.transaction().execute(async (tx) => {
      const own: Running = { tx, open: true }
      try {
        const result = await context.run(own, () => work(tx))
        if (own.failure) throw own.failure.error
        return result
      } finally {
        own.open = false
      }
    })
  }

  return { current, transaction }
}

async function join<T>(outer: Running, work: (tx: Db) => Promise<T>): Promise<T> {
  try {
    return await work(outer.tx)
  } catch (error) {
    outer.failure ??= { error }
    throw error
  }
}

async function retrying<T>(run: () => Promise<T>): Promise<T> {
  const tries = 5
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt === tries || !isWorthRetrying(error)) throw error
      await sleep(Math.random() * 10 * 2 ** attempt)
    }
  }
}
