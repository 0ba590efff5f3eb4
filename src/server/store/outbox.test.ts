import { beforeAll, expect, test } from 'vitest'
import {
  claimRow,
  findDueRows,
  insertOutboxRows,
  listUndelivered,
  listWaitingReceivers,
  markDelivered,
  markRefused,
  type NewOutboxRow,
  releaseRow,
} from './outbox.ts'
import type { Store } from './store.ts'
import type { OutboxRow } from './tables.ts'
import { anOutboxRow, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'

const until = now + 30_000

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  /** A queued row with a receiver of its own, so that tests don't see each other's. */
  const aQueuedRow = async (overrides: Partial<NewOutboxRow> = {}) => {
    const { receiver = `https://shop.example/${crypto.randomUUID()}`, ...rest } = overrides
    const row = anOutboxRow({ receiver, ...rest })
    await insertOutboxRows(store.db, [row], now)
    return row
  }
  const dueIds = async (row: NewOutboxRow, at = now) => (await findDueRows(store.db, [row], at, 10)).map(({ id }) => id)
  const claim = async (row: NewOutboxRow, at = now): Promise<OutboxRow> => {
    const claimed = await claimRow(store.db, row.id, at + 30_000, at)
    if (!claimed) throw new Error('somebody else holds the row')
    return claimed
  }

  test('a queued row is due at once, for its own receiver and tenant only', async () => {
    const row = await aQueuedRow()
    expect(await dueIds(row)).toEqual([row.id])
    expect(await dueIds({ ...row, tenant: 'other' })).toEqual([])
    expect(await dueIds({ ...row, receiver: 'https://elsewhere.example/' })).toEqual([])
    expect(await dueIds(row, now - 1)).toEqual([])
  })

  test('an event without receivers leaves no row', async () => {
    await insertOutboxRows(store.db, [], now)
    expect(await listUndelivered(store.db, 'demo', 'evt_nobody')).toEqual([])
  })

  test('a claimed row is not due while its lease lives, and due again after', async () => {
    const row = await aQueuedRow()
    expect(await claim(row)).toMatchObject({ claimed_until: until, attempts: 1, refusals: 0, body: row.body })
    expect(await dueIds(row, until - 1)).toEqual([])
    expect(await claimRow(store.db, row.id, until + 1, until - 1)).toBeUndefined()
    expect(await dueIds(row, until)).toEqual([row.id])
    expect(await claim(row, until)).toMatchObject({ attempts: 2, refusals: 0 })
  })

  test('of 40 workers at once, on two nodes, one gets the row', async () => {
    const neighbour = await openTestStore()
    const row = await aQueuedRow()
    const claims = Array.from({ length: 40 }, (_, index) =>
      claimRow((index % 2 ? store : neighbour).db, row.id, until, now),
    )
    expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1)
  })

  test('a refused row waits for its next attempt and says why', async () => {
    const row = await aQueuedRow()
    await markRefused(store.db, await claim(row), { error: 'HTTP 500', nextAttemptAt: now + 1_000 })
    expect(await dueIds(row, now + 999)).toEqual([])
    expect(await claimRow(store.db, row.id, until, now + 999)).toBeUndefined()
    expect(await claim(row, now + 1_000)).toMatchObject({ attempts: 2, refusals: 1, last_error: 'HTTP 500' })
    expect(await listUndelivered(store.db, 'demo', row.event_id)).toEqual([{ refusals: 1 }])
  })

  test('a worker whose lease ran out neither refuses nor gives back what another holds', async () => {
    const row = await aQueuedRow()
    const late = await claim(row)
    const holder = await claim(row, until)
    await markRefused(store.db, late, { error: 'HTTP 500', nextAttemptAt: now })
    await releaseRow(store.db, late)
    expect(await dueIds(row, until)).toEqual([])
    await releaseRow(store.db, holder)
    expect(await claim(row, until)).toMatchObject({ attempts: 3, refusals: 0 })
  })

  test('a delivered row is never due again, whoever delivered it', async () => {
    const row = await aQueuedRow()
    const late = await claim(row)
    const holder = await claim(row, until)
    await markDelivered(store.db, late.id, until + 1)
    await markRefused(store.db, holder, { error: 'HTTP 500', nextAttemptAt: now })
    expect(await dueIds(row, until + 86_400_000)).toEqual([])
    expect(await listUndelivered(store.db, 'demo', row.event_id)).toEqual([])
  })

  test('an event with two receivers is undelivered until both have it', async () => {
    const first = await aQueuedRow()
    const second = await aQueuedRow({ event_id: first.event_id })
    await markDelivered(store.db, first.id, now)
    expect(await listUndelivered(store.db, 'demo', first.event_id)).toEqual([{ refusals: 0 }])
    await markDelivered(store.db, second.id, now)
    expect(await listUndelivered(store.db, 'demo', first.event_id)).toEqual([])
  })

  test('receivers that something waits for are listed once each', async () => {
    const row = await aQueuedRow()
    await aQueuedRow({ receiver: row.receiver })
    const waiting = async () =>
      (await listWaitingReceivers(store.db)).filter(({ receiver }) => receiver === row.receiver)
    expect(await waiting()).toEqual([{ tenant: 'demo', receiver: row.receiver }])
  })

  test('an event is queued with what it tells about, or not at all', async () => {
    const row = anOutboxRow()
    const failing = store.transaction(async (tx) => {
      await insertOutboxRows(tx, [row], now)
      throw new Error('lost power')
    })
    await expect(failing).rejects.toThrow('lost power')
    expect(await dueIds(row)).toEqual([])
  })
})
