import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { findUserByIdentity, hasIdentity, insertIdentity } from './identities.ts'
import type { Store } from './store.ts'
import { aUser, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'
import { insertUser } from './users.ts'

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  async function aPerson() {
    const user = aUser()
    await insertUser(store.db, user, [user.username])
    return user
  }

  const anIdentity = (overrides = {}) => ({
    tenant: 'demo',
    issuer: 'https://id.acme.test',
    subject: randomUUID(),
    user_id: '',
    linked_at: now,
    ...overrides,
  })

  test('a subject leads to its person, at its issuer and in its tenant only', async () => {
    const user = await aPerson()
    const identity = anIdentity({ user_id: user.id })
    expect(await insertIdentity(store.db, identity)).toBe(true)
    expect(await findUserByIdentity(store.db, identity)).toEqual(user)
    expect(await hasIdentity(store.db, { tenant: 'demo', userId: user.id })).toBe(true)
    for (const other of [{ issuer: 'https://id.acme.test/' }, { subject: 'x' }, { tenant: 'other' }]) {
      expect(await findUserByIdentity(store.db, { ...identity, ...other })).toBeUndefined()
    }
  })

  test('a subject is one person’s, however many ask at once', async () => {
    const users = [await aPerson(), await aPerson(), await aPerson()]
    const identity = anIdentity()
    const taken = await Promise.all(users.map(({ id }) => insertIdentity(store.db, { ...identity, user_id: id })))
    expect(taken.toSorted()).toEqual([false, false, true])
    expect(await findUserByIdentity(store.db, identity)).toEqual(users[taken.indexOf(true)])
  })

  test('identities go with their person', async () => {
    const user = await aPerson()
    const identity = anIdentity({ user_id: user.id })
    await insertIdentity(store.db, identity)
    await store.db.deleteFrom('user_names').where('user_id', '=', user.id).execute()
    await store.db.deleteFrom('users').where('id', '=', user.id).execute()
    expect(await insertIdentity(store.db, { ...identity, user_id: (await aPerson()).id })).toBe(true)
  })
})
