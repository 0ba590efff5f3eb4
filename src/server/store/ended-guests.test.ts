import { beforeAll, expect, test } from 'vitest'
import { endGuest, isGuestEnded } from './ended-guests.ts'
import type { Store } from './store.ts'
import { aGuestEnding, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  test('a guest has no row until it ends, and is then ended in its own tenant only', async () => {
    const ending = aGuestEnding()
    expect(await isGuestEnded(store.db, 'demo', ending.sessionId)).toBe(false)
    expect(await endGuest(store.db, ending, now)).toBe(true)
    expect(await isGuestEnded(store.db, 'demo', ending.sessionId)).toBe(true)
    expect(await isGuestEnded(store.db, 'other', ending.sessionId)).toBe(false)
  })

  test('a guest ends once, for the first reason', async () => {
    const ending = aGuestEnding({ reason: 'upgraded' })
    expect(await endGuest(store.db, ending, now)).toBe(true)
    expect(await endGuest(store.db, { ...ending, reason: 'ended' }, now)).toBe(false)
    const rows = await store.db.selectFrom('ended_guests').select('reason').where('reason', '=', 'upgraded').execute()
    expect(rows).toHaveLength(1)
  })

  test('of 40 callers at once, on two nodes, one ends the guest', async () => {
    const neighbour = await openTestStore()
    const ending = aGuestEnding()
    const ends = Array.from({ length: 40 }, (_, index) =>
      (index % 2 ? store : neighbour).transaction((tx) => endGuest(tx, ending, now)),
    )
    expect((await Promise.all(ends)).filter(Boolean)).toHaveLength(1)
  })

  test('an ending that is undone leaves the guest alive', async () => {
    const ending = aGuestEnding()
    const failing = store.transaction(async (tx) => {
      await endGuest(tx, ending, now)
      throw new Error('lost power')
    })
    await expect(failing).rejects.toThrow('lost power')
    expect(await isGuestEnded(store.db, 'demo', ending.sessionId)).toBe(false)
  })

  test('the continuity id of an ended guest cannot be read from the database', async () => {
    const ending = aGuestEnding()
    await endGuest(store.db, ending, now)
    const rows = await store.db.selectFrom('ended_guests').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(ending.sessionId)
  })
})
