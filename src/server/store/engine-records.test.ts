import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import {
  consumeRecord,
  destroyRecord,
  destroyRecordsOfGrant,
  destroyRecordsOfUser,
  findRecord,
  findRecordByUid,
  insertRecord,
  lockRecordByUid,
  renameRecord,
  upsertRecord,
} from './engine-records.ts'
import { signOut } from './migrations/0006-sign-out.ts'
import type { Store } from './store.ts'
import { aRecord, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'

describeStores((openTestStore) => {
  let store: Store
  let neighbour: Store
  beforeAll(async () => {
    store = await openTestStore()
    neighbour = await openTestStore()
  })

  test('a record is found under its id, without the id in its content', async () => {
    const record = aRecord()
    await upsertRecord(store.db, record)
    expect(await findRecord(store.db, record)).toEqual({ payload: { clientId: 'catalog' }, consumedAt: null })
  })

  test('a record belongs to one tenant and one model', async () => {
    const record = aRecord()
    await upsertRecord(store.db, record)
    expect(await findRecord(store.db, { ...record, tenant: 'other' })).toBeUndefined()
    expect(await findRecord(store.db, { ...record, model: 'Session' })).toBeUndefined()
  })

  test('writing a record again replaces its content and leaves it used', async () => {
    const record = aRecord()
    await upsertRecord(store.db, record)
    await consumeRecord(store.db, record, now)
    await upsertRecord(store.db, { ...record, payload: { clientId: 'orders' } })
    expect(await findRecord(store.db, record)).toEqual({ payload: { clientId: 'orders' }, consumedAt: now })
  })

  test('of 50 simultaneous consumes exactly one wins, whichever node they reach (RFC 6749 section 4.1.2)', async () => {
    const record = aRecord()
    await upsertRecord(store.db, record)
    const tries = Array.from({ length: 50 }, (_, index) =>
      consumeRecord((index % 2 ? store : neighbour).db, record, now),
    )
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
  })

  test('of 50 simultaneous consumes in transactions exactly one wins', async () => {
    const record = aRecord()
    await upsertRecord(store.db, record)
    const tries = Array.from({ length: 50 }, () => store.transaction((tx) => consumeRecord(tx, record, now)))
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
  })

  test('of 50 simultaneous first uses of an id exactly one is new', async () => {
    const record = aRecord({ model: 'ReplayDetection' })
    const tries = Array.from({ length: 50 }, (_, index) => insertRecord((index % 2 ? store : neighbour).db, record))
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
  })

  test('a used record can be remembered for longer, so that a replay is recognized', async () => {
    const record = aRecord()
    await upsertRecord(store.db, record)
    await consumeRecord(store.db, record, now, 86_400_000)
    const row = await store.db
      .selectFrom('engine_records')
      .select('expires_at')
      .where('consumed_at', '=', now)
      .orderBy('expires_at', 'desc')
      .executeTakeFirst()
    expect(row?.expires_at).toBe(now + 86_400_000)
  })

  test('a record that is not there cannot be consumed', async () => {
    expect(await consumeRecord(store.db, aRecord(), now)).toBe(false)
  })

  test('a record is found by its second id, and can be held by it', async () => {
    const record = aRecord({ model: 'Session', uid: randomUUID() })
    const byUid = { tenant: 'demo', model: 'Session', uid: record.uid ?? '' }
    expect(await findRecordByUid(store.db, byUid)).toBeUndefined()
    expect(await store.transaction((tx) => lockRecordByUid(tx, byUid))).toBe(false)
    await upsertRecord(store.db, record)
    expect(await findRecordByUid(store.db, byUid)).toMatchObject({ payload: { clientId: 'catalog' } })
    expect(await store.transaction((tx) => lockRecordByUid(tx, byUid))).toBe(true)
  })

  test('a held record is deleted only after the transaction that holds it', async () => {
    const record = aRecord({ model: 'Session', uid: randomUUID() })
    await upsertRecord(store.db, record)
    const order: string[] = []
    await store.transaction(async (tx) => {
      await lockRecordByUid(tx, { tenant: 'demo', model: 'Session', uid: record.uid ?? '' })
      void destroyRecord(neighbour.db, record).then(() => order.push('deleted'))
      await new Promise((resolve) => setTimeout(resolve, 50))
      order.push('held')
    })
    await expect.poll(() => order).toEqual(['held', 'deleted'])
  })

  test('a record keeps its content under a new id, and the old id is dead', async () => {
    const record = aRecord({ model: 'Session' })
    await upsertRecord(store.db, record)
    const newId = randomUUID()
    expect(await renameRecord(store.db, record, newId)).toBe(true)
    expect(await findRecord(store.db, record)).toBeUndefined()
    expect(await findRecord(store.db, { ...record, id: newId })).toBeDefined()
    expect(await renameRecord(store.db, record, randomUUID())).toBe(false)
  })

  test('destroying a grant takes along what was issued under it, and nothing else', async () => {
    const [grantId, otherGrantId] = [randomUUID(), randomUUID()]
    const issued = [aRecord({ grantId }), aRecord({ grantId, model: 'DeviceCode' })]
    const other = aRecord({ grantId: otherGrantId })
    for (const record of [...issued, other]) await upsertRecord(store.db, record)
    await destroyRecordsOfGrant(store.db, { tenant: 'demo', grantId })
    for (const record of issued) expect(await findRecord(store.db, record)).toBeUndefined()
    expect(await findRecord(store.db, other)).toBeDefined()
  })

  test('all sessions of a person go at once, and nobody else’s', async () => {
    const [userId, other] = [randomUUID(), randomUUID()]
    const session = { model: 'Session' } as const
    const own = [aRecord({ ...session, userId }), aRecord({ ...session, userId })]
    const kept = [aRecord({ ...session, userId: other }), aRecord({ ...session }), aRecord({ userId })]
    for (const record of [...own, ...kept]) await upsertRecord(store.db, record)
    expect(await destroyRecordsOfUser(store.db, { tenant: 'other', ...session, userId })).toBe(0)
    expect(await destroyRecordsOfUser(store.db, { tenant: 'demo', ...session, userId })).toBe(2)
    for (const record of own) expect(await findRecord(store.db, record)).toBeUndefined()
    for (const record of kept) expect(await findRecord(store.db, record)).toBeDefined()
  })

  test('a session that somebody signs in to becomes theirs', async () => {
    const session = aRecord({ model: 'Session' })
    const userId = randomUUID()
    await upsertRecord(store.db, session)
    await upsertRecord(store.db, { ...session, userId })
    expect(await destroyRecordsOfUser(store.db, { tenant: 'demo', model: 'Session', userId })).toBe(1)
  })

  test('sessions of an older version are found by their person too', async () => {
    const old = await openTestStore()
    const userId = randomUUID()
    const [session, nobodys] = [aRecord({ model: 'Session', payload: { accountId: userId } }), aRecord()]
    for (const record of [session, nobodys]) await upsertRecord(old.db, record)
    await old.db.schema.dropIndex('engine_records_by_user').execute()
    await old.db.schema.alterTable('engine_records').dropColumn('user_id').execute()
    await old.db.schema.dropTable('logout_listeners').execute()
    await old.transaction((tx) => signOut(tx))
    expect(await destroyRecordsOfUser(old.db, { tenant: 'demo', model: 'Session', userId })).toBe(1)
  })
})
