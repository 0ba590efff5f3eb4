import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import {
  endFamilies,
  endFamiliesBySession,
  endFamiliesByUser,
  findFamily,
  insertFamily,
  listLiveFamilies,
  type NewFamily,
} from './families.ts'
import type { Store } from './store.ts'
import { aFamily, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  const insertAll = async (...families: NewFamily[]) => {
    for (const family of families) await insertFamily(store.db, family)
  }
  const idsOf = (families: { id: string }[]) => families.map(({ id }) => id).toSorted()
  const ending = { tenant: 'demo', reason: 'signed-out' }

  test('a login is found with its times as numbers', async () => {
    const family = aFamily()
    await insertAll(family)
    expect(await findFamily(store.db, 'demo', family.id)).toMatchObject({
      user_id: family.userId,
      created_at: now,
      absolute_end: family.absoluteEnd,
      ended_at: null,
      authentication: '{"authTime":1}',
    })
    expect(await findFamily(store.db, 'other', family.id)).toBeUndefined()
  })

  test('ending a login says whose it was, once', async () => {
    const family = aFamily()
    await insertAll(family)
    const ended = await endFamilies(store.db, { ...ending, ids: [family.id] }, now)
    const { id, userId, clientId, sessionId } = family
    expect(ended).toEqual([{ id, user_id: userId, client_id: clientId, session_id: sessionId }])
    expect(await endFamilies(store.db, { ...ending, ids: [family.id] }, now + 1)).toEqual([])
    expect(await findFamily(store.db, 'demo', id)).toMatchObject({ ended_at: now, end_reason: 'signed-out' })
  })

  test('ending no logins is allowed', async () => {
    expect(await endFamilies(store.db, { ...ending, ids: [] }, now)).toEqual([])
  })

  test('ending a session spares the logins meant to outlive it', async () => {
    const sessionUid = randomUUID()
    const scopes = [
      'openid',
      'openid offline_access',
      'offline_access',
      'offline_access profile',
      'xoffline_access',
      '',
    ]
    const families = scopes.map((scope) => aFamily({ sessionUid, scope }))
    await insertAll(...families)
    const ended = idsOf(await endFamiliesBySession(store.db, { ...ending, sessionUid }, now))
    expect(ended).toEqual(idsOf(families.filter(({ scope }) => !scope.split(' ').includes('offline_access'))))
  })

  test('ending a session ends its logins at every app, and no other session', async () => {
    const sessionUid = randomUUID()
    const [catalog, orders, elsewhere] = [
      aFamily({ sessionUid }),
      aFamily({ sessionUid, clientId: 'orders' }),
      aFamily(),
    ]
    await insertAll(catalog, orders, elsewhere)
    const ended = await endFamiliesBySession(store.db, { ...ending, sessionUid }, now)
    expect(idsOf(ended)).toEqual(idsOf([catalog, orders]))
    expect((await findFamily(store.db, 'demo', elsewhere.id))?.ended_at).toBeNull()
  })

  test('ending a person ends their logins everywhere, or at one app', async () => {
    const userId = randomUUID()
    const [catalog, orders] = [aFamily({ userId }), aFamily({ userId, clientId: 'orders' })]
    await insertAll(catalog, orders, aFamily())
    const atOrders = await endFamiliesByUser(store.db, { ...ending, userId, clientId: 'orders' }, now)
    expect(idsOf(atOrders)).toEqual([orders.id])
    const everywhere = await endFamiliesByUser(store.db, { ...ending, userId }, now)
    expect(idsOf(everywhere)).toEqual([catalog.id])
  })

  test("a person's live logins are listed newest first, without ended and outlived ones", async () => {
    const userId = randomUUID()
    const [older, newer] = [aFamily({ userId, createdAt: now - 10 }), aFamily({ userId })]
    const [ended, outlived] = [aFamily({ userId }), aFamily({ userId, absoluteEnd: now })]
    await insertAll(older, newer, ended, outlived)
    await endFamilies(store.db, { ...ending, ids: [ended.id] }, now)
    const live = await listLiveFamilies(store.db, { tenant: 'demo', userId }, now)
    expect(live.map(({ id }) => id)).toEqual([newer.id, older.id])
  })
})
