import { afterAll, beforeAll, expect, test } from 'vitest'
import { countUse, listOldFlowUses } from './old-flow-uses.ts'
import type { Store } from './store.ts'
import { describeStores } from './test/open-test-stores.ts'

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })
  afterAll(() => store.close())

  test('counts by client and flow, also when many arrive at once', async () => {
    const use = (clientId: string, flow: 'implicit' | 'password') => (now: number) =>
      store.transaction((tx) => countUse(tx, { tenant: 'counted', clientId, flow }, now))
    await use('once', 'password')(5)
    await Promise.all(Array.from({ length: 8 }, (_, at) => use('often', 'implicit')(10 + at)))
    const uses = await listOldFlowUses(store.db, 'counted')
    expect(uses.map(({ client_id, flow, uses }) => [client_id, flow, Number(uses)])).toEqual([
      ['often', 'implicit', 8],
      ['once', 'password', 1],
    ])
    expect(await listOldFlowUses(store.db, 'another')).toEqual([])
  })
})
