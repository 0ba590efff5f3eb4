import { randomUUID } from 'node:crypto'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { endFamilies, endFamiliesBySession, endFamiliesByUser, insertFamily, type NewFamily } from './families.ts'
import { insertLogoutListener, type LogoutListener, queueLogoutNotices } from './logout-listeners.ts'
import type { Store } from './store.ts'
import { aFamily, aListener, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'

describeStores((openTestStore) => {
  let store: Store
  let neighbour: Store
  beforeAll(async () => {
    store = await openTestStore()
    neighbour = await openTestStore()
  })
  beforeEach(async () => {
    await store.db.deleteFrom('outbox').execute()
  })

  /** A login whose client has to hear of its end. */
  const aToldLogin = async (overrides: Partial<NewFamily> = {}): Promise<NewFamily> => {
    const family = aFamily({ clientId: 'orders', ...overrides })
    const { id: sid, clientId, userId, sessionUid } = family
    await insertFamily(store.db, family)
    await insertLogoutListener(store.db, aListener({ sid, clientId, userId, sessionUid }))
    return family
  }
  const queued = async () => {
    const rows = await store.db.selectFrom('outbox').select(['tenant', 'receiver', 'type', 'body']).execute()
    return rows.map(({ body, ...row }) => ({ ...row, ...JSON.parse(body) }))
  }
  const noticeOf = ({ id: sid, userId: sub, clientId }: NewFamily) => ({
    tenant: 'demo',
    receiver: `client:${clientId}`,
    type: 'logout',
    sub,
    sid,
  })
  const end = { tenant: 'demo', reason: 'signed-out' }

  test('a login that ends is told to its client, once', async () => {
    const [family, other] = [await aToldLogin(), await aToldLogin()]
    await endFamilies(store.db, { ...end, ids: [family.id] }, now)
    await endFamilies(store.db, { ...end, ids: [family.id] }, now)
    await endFamiliesByUser(store.db, { ...end, userId: family.userId }, now)
    expect(await queued()).toEqual([noticeOf(family)])
    await endFamilies(store.db, { ...end, ids: [other.id] }, now)
    expect(await queued()).toHaveLength(2)
  })

  test('a login nobody has to hear of ends in silence', async () => {
    const family = aFamily()
    await insertFamily(store.db, family)
    await endFamilies(store.db, { ...end, ids: [family.id] }, now)
    expect(await queued()).toEqual([])
  })

  test('what is undone is not told', async () => {
    const family = await aToldLogin()
    const failing = store.transaction(async (tx) => {
      await endFamilies(tx, { ...end, ids: [family.id] }, now)
      throw new Error('lost power')
    })
    await expect(failing).rejects.toThrow('lost power')
    expect(await queued()).toEqual([])
    await endFamilies(store.db, { ...end, ids: [family.id] }, now)
    expect(await queued()).toEqual([noticeOf(family)])
  })

  test('with a session each of its clients hears, also of logins that go on or whose tokens are long gone', async () => {
    const sessionUid = randomUUID()
    const atOrders = await aToldLogin({ sessionUid })
    const offline = await aToldLogin({ sessionUid, scope: 'openid offline_access', clientId: 'notes' })
    const swept = await aToldLogin({ sessionUid, clientId: 'reader' })
    const elsewhere = await aToldLogin({ userId: atOrders.userId })
    await store.db.deleteFrom('families').where('id', '=', swept.id).execute()
    await endFamiliesBySession(store.db, { ...end, sessionUid }, now)
    expect(await queued()).toEqual(expect.arrayContaining([atOrders, offline, swept].map(noticeOf)))
    expect(await queued()).not.toContainEqual(noticeOf(elsewhere))
  })

  test('with a person, or a person at one client, likewise', async () => {
    const userId = randomUUID()
    const [orders, notes] = [await aToldLogin({ userId }), await aToldLogin({ userId, clientId: 'notes' })]
    await endFamiliesByUser(store.db, { ...end, userId, clientId: 'notes' }, now)
    expect(await queued()).toEqual([noticeOf(notes)])
    await endFamiliesByUser(store.db, { ...end, userId }, now)
    expect(await queued()).toEqual(expect.arrayContaining([noticeOf(orders), noticeOf(notes)]))
    expect(await queued()).toHaveLength(2)
  })

  test('a client that ended its own login is told nothing, then or later', async () => {
    const family = await aToldLogin()
    await endFamilies(store.db, { ...end, ids: [family.id], reason: 'revoked' }, now)
    await endFamiliesByUser(store.db, { ...end, userId: family.userId }, now)
    expect(await queued()).toEqual([])
  })

  test('a client that refreshed too late hears when the session it may still have is over', async () => {
    const family = await aToldLogin()
    await endFamilies(store.db, { ...end, ids: [family.id], reason: 'expired' }, now)
    expect(await queued()).toEqual([])
    await endFamiliesBySession(store.db, { ...end, sessionUid: family.sessionUid ?? '' }, now)
    expect(await queued()).toEqual([noticeOf(family)])
  })

  test('of several nodes that end the same login at once, one tells', async () => {
    const { id, userId } = await aToldLogin()
    const tell = (node: Store, index: number) =>
      node.transaction((tx) => queueLogoutNotices(tx, 'demo', index % 2 ? { sids: [id] } : { userId }, now))
    await Promise.all(Array.from({ length: 10 }, (_, index) => tell(index % 3 ? store : neighbour, index)))
    expect(await queued()).toHaveLength(1)
  })

  test('a listener is known once, and belongs to its tenant', async () => {
    const listener: LogoutListener = aListener()
    await insertLogoutListener(store.db, listener)
    await insertLogoutListener(store.db, listener)
    await queueLogoutNotices(store.db, 'other', { sids: [listener.sid] }, now)
    expect(await queued()).toEqual([])
    await queueLogoutNotices(store.db, 'demo', { sids: [listener.sid] }, now)
    expect(await queued()).toHaveLength(1)
  })
})
