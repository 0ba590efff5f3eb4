import { beforeAll, expect, test } from 'vitest'
import { findConsent, grantConsent, listConsents, withdrawConsent } from './consents.ts'
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
    return { tenant: 'demo', userId: user.id, clientId: 'catalog' }
  }

  test('nothing is allowed before it is granted', async () => {
    expect(await findConsent(store.db, await aPerson())).toBeUndefined()
  })

  test('a further grant adds to what was allowed', async () => {
    const key = await aPerson()
    await grantConsent(store.db, { ...key, scope: ['profile', 'openid'] }, now)
    await grantConsent(store.db, { ...key, scope: ['email', 'openid'] }, now + 1)
    expect(await findConsent(store.db, key)).toMatchObject({
      scope: ['email', 'openid', 'profile'],
      granted_at: now + 1,
    })
  })

  test('simultaneous grants are all kept', async () => {
    const key = await aPerson()
    const scopes = Array.from({ length: 20 }, (_, index) => `scope${index}`)
    await Promise.all(scopes.map((scope) => grantConsent(store.db, { ...key, scope: [scope] }, now)))
    expect((await findConsent(store.db, key))?.scope).toEqual(scopes.toSorted())
  })

  test('a consent can be listed and withdrawn', async () => {
    const key = await aPerson()
    await grantConsent(store.db, { ...key, scope: ['openid'] }, now)
    await grantConsent(store.db, { ...key, clientId: 'orders', scope: ['openid'] }, now + 1)
    expect((await listConsents(store.db, 'demo', key.userId)).map((consent) => consent.client_id)).toEqual([
      'orders',
      'catalog',
    ])
    expect(await withdrawConsent(store.db, key)).toBe(true)
    expect(await withdrawConsent(store.db, key)).toBe(false)
    expect(await findConsent(store.db, key)).toBeUndefined()
  })
})
