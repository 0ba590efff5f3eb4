import { expect, test } from 'vitest'
import { openStore } from './open-store.ts'
import { createMemoryStore, type SessionStore } from './session-store.ts'

const key = 'catalog@https://id.example.com/demo'

function failing(error: unknown): SessionStore {
  return { isLasting: true, read: () => Promise.reject(error), change: () => Promise.reject(error) }
}

test('where the browser keeps nothing, memory has to do, and it says so', async () => {
  const env = { openSessions: () => undefined, markLiveBrowser: () => true }
  const { store, problem } = await openStore({ persist: 'device' }, key, env)
  expect(store.isLasting).toBe(false)
  expect(problem).toBe('unavailable')
})

test('a store that refuses is unavailable, one that does not answer is silent', async () => {
  const open = (error: unknown) =>
    openStore({ persist: 'device' }, key, { openSessions: () => failing(error), markLiveBrowser: () => true })
  expect((await open(new DOMException('no', 'SecurityError'))).problem).toBe('unavailable')
  expect((await open(new DOMException('late', 'TimeoutError'))).problem).toBe('silent')
})

test('for a session, what an earlier browser session left is deleted', async () => {
  const kept = createMemoryStore()
  await kept.change(() => ({ key: {} as CryptoKeyPair }))
  const env = { openSessions: () => ({ ...kept, isLasting: true }), markLiveBrowser: () => false }
  const { store } = await openStore({ persist: 'session' }, key, env)
  expect(await store.read()).toEqual({})
})

test('asked for memory, the browser’s store is not touched', async () => {
  const env = {
    openSessions: (): never => {
      throw new Error('touched')
    },
    markLiveBrowser: () => true,
  }
  expect((await openStore({ persist: 'memory' }, key, env)).problem).toBeUndefined()
})

test('a store that fails later leaves who is signed in signed in, in memory', async () => {
  const kept = createMemoryStore()
  const key = { privateKey: {}, publicKey: {} } as CryptoKeyPair
  await kept.change(() => ({ key }))
  const breaking = { ...kept, isLasting: true }
  const { store } = await openStore({ persist: 'device' }, 'k', {
    openSessions: () => breaking,
    markLiveBrowser: () => true,
  })
  breaking.change = () => Promise.reject(new DOMException('full', 'QuotaExceededError'))
  expect(store.isLasting).toBe(true)
  await store.change((current) => ({ ...current }))
  expect(store.isLasting).toBe(false)
  expect(await store.read()).toEqual({ key })
})
