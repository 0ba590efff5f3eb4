import { beforeAll, expect, test } from 'vitest'
import { findGuestUpgrade, insertGuestUpgrade } from './guest-upgrades.ts'
import type { Store } from './store.ts'
import { aGuestUpgrade, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  test('an upgrade is found by its continuity id, with its time as a number, in its tenant only', async () => {
    const upgrade = aGuestUpgrade({ tracking_id: 'anon-1' })
    await insertGuestUpgrade(store.db, upgrade)
    expect(await findGuestUpgrade(store.db, 'demo', upgrade.session_id)).toEqual({ ...upgrade, upgraded_at: now })
    expect(await findGuestUpgrade(store.db, 'other', upgrade.session_id)).toBeUndefined()
    expect(await findGuestUpgrade(store.db, 'demo', aGuestUpgrade().session_id)).toBeUndefined()
  })

  test('a guest is upgraded once: a second row is an error', async () => {
    const upgrade = aGuestUpgrade()
    await insertGuestUpgrade(store.db, upgrade)
    const again = aGuestUpgrade({ session_id: upgrade.session_id })
    await expect(insertGuestUpgrade(store.db, again)).rejects.toThrow()
    expect(await findGuestUpgrade(store.db, 'demo', upgrade.session_id)).toEqual(upgrade)
  })
})
