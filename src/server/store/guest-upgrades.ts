import type { Db } from './store.ts'
import type { GuestUpgradeRow } from './tables.ts'

/** Keeps what a guest became. @throws when this guest became a member before: `endGuest` decides who does */
export async function insertGuestUpgrade(tx: Db, upgrade: GuestUpgradeRow): Promise<void> {
  await tx.insertInto('guest_upgrades').values(upgrade).execute()
}

/** What became of the guest with this continuity id. */
export async function findGuestUpgrade(
  db: Db,
  tenant: string,
  sessionId: string,
): Promise<GuestUpgradeRow | undefined> {
  return db
    .selectFrom('guest_upgrades')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('session_id', '=', sessionId)
    .executeTakeFirst()
}
