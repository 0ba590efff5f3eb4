import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { findConsent, grantConsent } from './consents.ts'
import type { Store } from './store.ts'
import { aUser } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'
import { findUserById, insertUser } from './users.ts'

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  test('a transaction that throws leaves nothing behind', async () => {
    const user = aUser()
    const failing = store.transaction(async (tx) => {
      await insertUser(tx, user, [user.username])
      throw new Error('lost power')
    })
    await expect(failing).rejects.toThrow('lost power')
    expect(await findUserById(store.db, user.tenant, user.id)).toBeUndefined()
  })

  test('the plain database inside a transaction is that transaction', async () => {
    const user = aUser()
    const seen = await store.transaction(async (tx) => {
      await insertUser(tx, user, [user.username])
      return findUserById(store.db, user.tenant, user.id)
    })
    expect(seen?.id).toBe(user.id)
  })

  test('a transaction inside a transaction joins it', async () => {
    const user = aUser()
    const outer = store.transaction(async () => {
      await store.transaction((tx) => insertUser(tx, user, [user.username]))
      throw new Error('the outer part fails')
    })
    await expect(outer).rejects.toThrow('the outer part fails')
    expect(await findUserById(store.db, user.tenant, user.id)).toBeUndefined()
  })

  test('a joined part that fails undoes the whole, even when its error is caught', async () => {
    const user = aUser()
    const outer = store.transaction(async (tx) => {
      await insertUser(tx, user, [user.username])
      await store.transaction(() => Promise.reject(new Error('the inner part fails'))).catch(() => {})
    })
    await expect(outer).rejects.toThrow('the inner part fails')
    expect(await findUserById(store.db, user.tenant, user.id)).toBeUndefined()
  })

  test('calls from elsewhere neither join nor see a running transaction', async () => {
    const user = aUser()
    const { promise: mayFinish, resolve: finish } = Promise.withResolvers<void>()
    const running = store.transaction(async (tx) => {
      await insertUser(tx, user, [user.username])
      await mayFinish
    })
    await sleep(20)
    const outside = findUserById(store.db, user.tenant, user.id)
    await sleep(20)
    finish()
    await running
    // SQLite lets the outside call wait for the commit; PostgreSQL answers it with what was there before.
    expect([undefined, user.id]).toContain((await outside)?.id)
    expect((await findUserById(store.db, user.tenant, user.id))?.id).toBe(user.id)
  })

  test('work that outlives its transaction gets the database, not the closed transaction', async () => {
    const user = aUser()
    const { promise: isOver, resolve: tellOver } = Promise.withResolvers<void>()
    let forgotten: Promise<unknown> = Promise.resolve()
    await store.transaction(async (tx) => {
      await insertUser(tx, user, [user.username])
      forgotten = isOver.then(() => findUserById(store.db, user.tenant, user.id))
    })
    tellOver()
    expect(await forgotten).toMatchObject({ id: user.id })
  })

  test('transactions that lock rows in opposite order both succeed', async () => {
    const [one, two] = [aUser(), aUser()]
    await insertUser(store.db, one, [one.username])
    await insertUser(store.db, two, [two.username])
    const touchBoth = (first: string, second: string) =>
      store.transaction(async (tx) => {
        for (const id of [first, second]) {
          await tx.updateTable('users').set({ name: 'touched' }).where('id', '=', id).execute()
          await sleep(20)
        }
      })
    await Promise.all([touchBoth(one.id, two.id), touchBoth(two.id, one.id)])
    expect((await findUserById(store.db, two.tenant, two.id))?.name).toBe('touched')
  })

  test('an exclusive part runs once at a time, also across nodes', async () => {
    const neighbour = await openTestStore()
    let inside = 0
    let most = 0
    const enter = (node: Store) =>
      node.exclusive('a name', async () => {
        most = Math.max(most, ++inside)
        await sleep(10)
        inside--
      })
    await Promise.all([store, neighbour, store, neighbour].map(enter))
    expect(most).toBe(1)
  })

  test('two nodes write to one database at the same time', async () => {
    const neighbour = await openTestStore()
    const user = aUser()
    await insertUser(store.db, user, [user.username])
    const key = { tenant: user.tenant, userId: user.id, clientId: 'catalog' }
    const scopes = Array.from({ length: 20 }, (_, index) => `scope${index}`)
    await Promise.all(
      scopes.map((scope, index) => grantConsent((index % 2 ? store : neighbour).db, { ...key, scope: [scope] }, 1)),
    )
    expect((await findConsent(store.db, key))?.scope).toEqual(scopes.toSorted())
  })

  test('a store that answers is ready, and a closed one is not', async () => {
    const other = await openTestStore()
    await other.checkReady()
    await other.close()
    await expect(other.checkReady()).rejects.toThrow()
  })
})
