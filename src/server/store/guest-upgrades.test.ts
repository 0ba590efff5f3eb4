import { beforeAll, expect, test } from 'vitest'
import { insertFamily } from './families.ts'
import { findGuestUpgrade, insertGuestUpgrade } from './guest-upgrades.ts'
import type { Store } from './store.ts'
import { sweepExpired } from './sweep.ts'
import { aFamily, aGuestUpgrade, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  /** An upgrade whose login is there. */
  async function upgradeOf(overrides: Parameters<typeof aGuestUpgrade>[0] = {}, absoluteEnd = now + 1) {
    const family = aFamily({ absoluteEnd })
    await insertFamily(store.db, family)
    return aGuestUpgrade({ family_id: family.id, ...overrides })
  }

  test('an upgrade is found by its continuity id, with its time as a number, in its tenant only', async () => {
    const upgrade = await upgradeOf({ tracking_id: 'anon-1' })
    await insertGuestUpgrade(store.db, upgrade)
    expect(await findGuestUpgrade(store.db, 'demo', upgrade.session_id)).toEqual({ ...upgrade, upgraded_at: now })
    expect(await findGuestUpgrade(store.db, 'other', upgrade.session_id)).toBeUndefined()
    expect(await findGuestUpgrade(store.db, 'demo', aGuestUpgrade().session_id)).toBeUndefined()
  })

  test('a guest is upgraded once: a second row is an error', async () => {
    const upgrade = await upgradeOf()
    await insertGuestUpgrade(store.db, upgrade)
    const again = await upgradeOf({ session_id: upgrade.session_id })
    await expect(insertGuestUpgrade(store.db, again)).rejects.toThrow()
    expect(await findGuestUpgrade(store.db, 'demo', upgrade.session_id)).toEqual(upgrade)
  })
  test('an upgrade is forgotten with the login it led to', async () => {
    const [ended, live] = [await upgradeOf({}, now), await upgradeOf()]
    for (const upgrade of [ended, live]) await insertGuestUpgrade(store.db, upgrade)
    await sweepExpired(store, now)
    expect(await findGuestUpgrade(store.db, 'demo', ended.session_id)).toBeUndefined()
    expect(await findGuestUpgrade(store.db, 'demo', live.session_id)).toBeDefined()
  })
})
