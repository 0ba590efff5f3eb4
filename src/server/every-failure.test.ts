import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { openStore } from './store/open-store.ts'
import type { Store } from './store/store.ts'
import { type BreakableStore, breakable } from './test/breakable-store.ts'
import { type Everything, startEverything } from './test/everything-on.ts'
import { operationsWhere } from './test/operations.ts'
import { startAsking } from './test/send-operation.ts'

let opened: Store
let store: BreakableStore
let everything: Everything
beforeAll(async () => {
  opened = await openStore('sqlite::memory:')
  store = breakable(opened)
  everything = await startEverything({ store, expectsErrors: true })
})
afterAll(async () => {
  await everything.close()
  await opened.close()
})
afterEach(() => {
  store.mend()
  vi.useRealTimers()
})

let ahead = 0

/** What a node keeps for a moment is read anew: each time is later than the last. */
function breakStore(error: Error): void {
  ahead += 2_000
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ahead })
  store.breakWith(error)
}

/** A public key is in memory. */
const needingTheStore = operationsWhere(({ of }) => !of.includes('/certs/'))

test.each(needingTheStore)(
  'a failure inside says nothing of itself, in the form its clients expect: %s',
  async (_name, operation) => {
    const { ask } = await startAsking(everything, operation)
    breakStore(new Error('planted-failure in /srv/portico/secret.ts:1:2'))
    const response = await ask()
    expect(response.statusCode).toBe(500)
    expect(response.body).not.toMatch(/planted|secret\.ts|\bat /)
    expect(operation.isRefusal(response.json()), response.body).toBe(true)
    expect(response.headers['cache-control']).toBe('no-store')
  },
)

test.each(needingTheStore)(
  'a database that is away is 503 with Retry-After, and then all is as before: %s',
  async (_name, operation) => {
    const { ask } = await startAsking(everything, operation)
    breakStore(Object.assign(new Error('planted-host refused'), { code: 'ECONNREFUSED' }))
    const response = await ask()
    expect(response.statusCode).toBe(503)
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0)
    expect(response.body).not.toMatch(/planted/)
    expect(operation.isRefusal(response.json()), response.body).toBe(true)
    store.mend()
    expect((await ask()).statusCode).toBe(operation.succeeds)
  },
)
