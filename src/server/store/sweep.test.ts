import { beforeAll, expect, test } from 'vitest'
import { findRecord, upsertRecord } from './engine-records.ts'
import { findFamily, insertFamily } from './families.ts'
import { findRefreshToken, insertRefreshToken } from './refresh-tokens.ts'
import type { Store } from './store.ts'
import { sweepExpired } from './sweep.ts'
import { aFamily, aRecord, aRefreshToken, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  test('what is past its end goes, in steps, and the rest stays', async () => {
    const [dead, alive, endless] = [aRecord({ expiresAt: now }), aRecord(), aRecord({ expiresAt: undefined })]
    const [deadFamily, aliveFamily] = [aFamily({ absoluteEnd: now }), aFamily()]
    const deadToken = aRefreshToken({ familyId: aliveFamily.id, idleEnd: now })
    const aliveToken = aRefreshToken({ familyId: aliveFamily.id })
    await store.transaction(async (tx) => {
      for (const record of [dead, alive, endless]) await upsertRecord(tx, record)
      for (let index = 0; index < 1_200; index++) await upsertRecord(tx, aRecord({ expiresAt: now - index }))
      for (const family of [deadFamily, aliveFamily]) await insertFamily(tx, family)
      for (const token of [deadToken, aliveToken]) await insertRefreshToken(tx, token)
    })
    expect(await sweepExpired(store, now)).toEqual({ engine_records: 1_201, refresh_tokens: 1, families: 1 })
    expect(await findRecord(store.db, dead)).toBeUndefined()
    expect(await findRecord(store.db, alive)).toBeDefined()
    expect(await findRecord(store.db, endless)).toBeDefined()
    expect(await findFamily(store.db, 'demo', deadFamily.id)).toBeUndefined()
    expect(await findRefreshToken(store.db, 'demo', deadToken.token)).toBeUndefined()
    expect(await findRefreshToken(store.db, 'demo', aliveToken.token)).toBeDefined()
    expect(await sweepExpired(store, now)).toEqual({ engine_records: 0, refresh_tokens: 0, families: 0 })
  })

  test('a login that ends for good takes its remaining tokens along', async () => {
    const family = aFamily({ absoluteEnd: now })
    const token = aRefreshToken({ familyId: family.id, idleEnd: now + 1_000 })
    await insertFamily(store.db, family)
    await insertRefreshToken(store.db, token)
    await sweepExpired(store, now)
    expect(await findRefreshToken(store.db, 'demo', token.token)).toBeUndefined()
  })

  test('two nodes may sweep at once', async () => {
    const neighbour = await openTestStore()
    for (let index = 0; index < 50; index++) await upsertRecord(store.db, aRecord({ expiresAt: now }))
    const counts = await Promise.all([sweepExpired(store, now), sweepExpired(neighbour, now)])
    expect(counts.reduce((sum, count) => sum + count.engine_records, 0)).toBe(50)
  })
})
