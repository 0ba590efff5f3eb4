import { beforeAll, expect, test } from 'vitest'
import { type BucketRequest, takeFromBucket } from './rate-buckets.ts'
import type { Store } from './store.ts'
import { aBucketRequest, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  const take = (request: BucketRequest, at = now, node = store) =>
    node.transaction((tx) => takeFromBucket(tx, request, at))

  test('a new bucket is full, and gives no more than it has', async () => {
    const request = aBucketRequest({ capacity: 10, want: 8 })
    expect(await take(request)).toEqual({ taken: 8, retryAfterSeconds: 0 })
    expect(await take(request)).toEqual({ taken: 2, retryAfterSeconds: 0 })
    expect(await take(request)).toEqual({ taken: 0, retryAfterSeconds: 1 })
  })

  test('tokens flow back with time, by fractions, and never above what fits', async () => {
    const request = aBucketRequest({ capacity: 4, perSecond: 0.5, want: 4 })
    await take(request)
    expect(await take(request, now + 1_000)).toEqual({ taken: 0, retryAfterSeconds: 1 })
    expect(await take(request, now + 2_000)).toMatchObject({ taken: 1 })
    expect(await take(request, now + 60_000)).toMatchObject({ taken: 4 })
    expect(await take(request, now + 60_000)).toEqual({ taken: 0, retryAfterSeconds: 2 })
  })

  test('who waits as long as told gets a token', async () => {
    const request = aBucketRequest({ capacity: 3, perSecond: 0.7, want: 3 })
    await take(request)
    const { retryAfterSeconds } = await take(request, now + 100)
    expect(await take(request, now + 100 + retryAfterSeconds * 1_000)).toMatchObject({ taken: 1 })
  })

  test('of 60 callers at once, on two nodes, as many get a token as there are', async () => {
    const neighbour = await openTestStore()
    const request = aBucketRequest({ capacity: 25, perSecond: 1 })
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => take(request, now, index % 2 ? store : neighbour)),
    )
    expect(answers.filter(({ taken }) => taken === 1)).toHaveLength(25)
  })

  test('nodes whose clocks differ a little cannot fill a bucket by turns', async () => {
    const request = aBucketRequest({ capacity: 2, perSecond: 1, want: 2 })
    await take(request, now + 5_000)
    for (let turn = 0; turn < 10; turn++) {
      expect(await take(request, now)).toMatchObject({ taken: 0 })
      expect(await take(request, now + 5_000)).toMatchObject({ taken: 0 })
    }
  })

  test('a clock that was set back by an hour does not stop the flow for an hour', async () => {
    const request = aBucketRequest({ capacity: 2, perSecond: 1, want: 2 })
    await take(request, now + 3_600_000)
    expect(await take(request, now)).toMatchObject({ taken: 0 })
    expect(await take(request, now + 1_000)).toMatchObject({ taken: 1 })
  })

  test('a limit that was lowered in the configuration holds for buckets that are there', async () => {
    const request = aBucketRequest({ capacity: 100, want: 1 })
    await take(request)
    expect(await take({ ...request, capacity: 5, want: 50 })).toMatchObject({ taken: 5 })
  })
})
