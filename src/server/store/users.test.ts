import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import type { Store } from './store.ts'
import { aUser, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'
import { disableUser, findUserById, findUserByName, insertUser, lockEnabledUser, setPasswordHash } from './users.ts'

describeStores((openTestStore) => {
  let store: Store
  let neighbour: Store
  beforeAll(async () => {
    store = await openTestStore()
    neighbour = await openTestStore()
  })

  test('a person is found by each of their names and by id', async () => {
    const user = aUser({ email: 'ada@demo.test', member_id: 1001 })
    expect(await insertUser(store.db, user, ['ada', 'ada@demo.test'])).toBe(true)
    expect(await findUserByName(store.db, 'demo', 'ada')).toEqual(user)
    expect(await findUserByName(store.db, 'demo', 'ada@demo.test')).toEqual(user)
    expect(await findUserById(store.db, 'demo', user.id)).toEqual(user)
    expect(await findUserByName(store.db, 'other', 'ada')).toBeUndefined()
  })

  test("nobody is added under somebody else's name", async () => {
    await insertUser(store.db, aUser(), ['bob', 'bob@demo.test'])
    const impostor = aUser()
    expect(await insertUser(store.db, impostor, ['robert', 'bob@demo.test'])).toBe(false)
    expect(await findUserById(store.db, 'demo', impostor.id)).toBeUndefined()
    expect(await findUserByName(store.db, 'demo', 'robert')).toBeUndefined()
  })

  test('a name may be used once in each tenant', async () => {
    expect(await insertUser(store.db, aUser(), ['eve'])).toBe(true)
    expect(await insertUser(store.db, aUser({ tenant: 'other' }), ['eve'])).toBe(true)
  })

  test('a person whose username is their address has one name', async () => {
    expect(await insertUser(store.db, aUser(), ['dan@demo.test', 'dan@demo.test'])).toBe(true)
  })

  test('a hash is replaced only while it is the one that was checked', async () => {
    const user = aUser({ password_hash: 'old' })
    await insertUser(store.db, user, [user.username])
    const change = { tenant: 'demo', id: user.id, before: 'old', after: 'new' }
    expect(await setPasswordHash(store.db, change)).toBe(true)
    expect(await setPasswordHash(store.db, { ...change, after: 'newer' })).toBe(false)
    expect((await findUserById(store.db, 'demo', user.id))?.password_hash).toBe('new')
  })

  test('somebody is disabled once, and only after whoever relies on them', async () => {
    const user = aUser()
    await insertUser(store.db, user, [user.username])
    const order: string[] = []
    let disabling: Promise<boolean> | undefined
    await store.transaction(async (tx) => {
      expect(await lockEnabledUser(tx, user)).toBe(true)
      disabling = disableUser(neighbour.db, user, now)
      void disabling.then(() => order.push('disabled'))
      await sleep(50)
      order.push('relied on')
    })
    expect(await disabling).toBe(true)
    expect(order).toEqual(['relied on', 'disabled'])
    expect(await disableUser(store.db, user, now + 1)).toBe(false)
    expect(await store.transaction((tx) => lockEnabledUser(tx, user))).toBe(false)
  })
})
