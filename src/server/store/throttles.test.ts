import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import type { Store } from './store.ts'
import { now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'
import { addThrottlePoints, deleteThrottle, findThrottles, setThrottle, type ThrottleUse } from './throttles.ts'

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  function aUse(overrides: Partial<ThrottleUse> = {}): ThrottleUse {
    return { name: randomUUID(), points: 1, expiresAt: now + 1_000, latestEnd: now + 2_000, now, ...overrides }
  }

  test('points add up until their time is over, and then begin anew', async () => {
    const use = aUse()
    expect(await addThrottlePoints(store.db, use)).toEqual({ name: use.name, points: 1, expires_at: now + 1_000 })
    const later = { ...use, points: 2, expiresAt: now + 1_500, now: now + 500 }
    expect(await addThrottlePoints(store.db, later)).toMatchObject({ points: 3, expires_at: now + 1_000 })
    const over = { ...use, expiresAt: now + 2_000, latestEnd: now + 3_000, now: now + 1_000 }
    expect(await addThrottlePoints(store.db, over)).toMatchObject({ points: 1, expires_at: now + 2_000 })
  })

  test('points can be given back', async () => {
    const use = aUse({ points: 3 })
    await addThrottlePoints(store.db, use)
    expect(await addThrottlePoints(store.db, { ...use, points: -1 })).toMatchObject({ points: 2 })
  })

  test('of 60 callers at once, on two nodes, each is counted', async () => {
    const neighbour = await openTestStore()
    const use = aUse()
    const rows = await Promise.all(
      Array.from({ length: 60 }, (_, index) => addThrottlePoints((index % 2 ? store : neighbour).db, use)),
    )
    expect(rows.map(({ points }) => points).toSorted((a, b) => a - b)).toEqual(rows.map((_, index) => index + 1))
  })

  test('a row of a clock that had jumped ahead counts as over', async () => {
    const use = aUse()
    await setThrottle(store.db, { name: use.name, points: 50, expires_at: use.latestEnd + 1 })
    expect(await addThrottlePoints(store.db, use)).toMatchObject({ points: 1, expires_at: use.expiresAt })
  })

  test('what is set replaces what was counted, and can be forgotten', async () => {
    const use = aUse({ points: 7 })
    await addThrottlePoints(store.db, use)
    await setThrottle(store.db, { name: use.name, points: 11, expires_at: now + 9 })
    expect(await findThrottles(store.db, [use.name, 'unknown'])).toEqual([
      { name: use.name, points: 11, expires_at: now + 9 },
    ])
    await deleteThrottle(store.db, use.name)
    expect(await findThrottles(store.db, [use.name])).toEqual([])
  })
})
