import { findRecord, upsertRecord } from '../store/engine-records.ts'
import type { Db } from '../store/store.ts'
import type { GuestOfRequest } from './shown-guest.ts'

/** From the answer of the portal to the redemption of the code. */
const KEPT_MS = 900_000
const MODEL = 'GuestOfGrant'

/** Remembers which guest a grant began with: the code, which buys its tokens, has no room for it. */
export async function keepGuestOfGrant(
  db: Db,
  tenant: string,
  grantId: string,
  guest: GuestOfRequest | 'none',
): Promise<void> {
  await upsertRecord(db, { tenant, model: MODEL, id: grantId, payload: { guest }, expiresAt: Date.now() + KEPT_MS })
}

/** Nothing when the sign-in named no guest; `none` when the one it named was no good. */
export async function findGuestOfGrant(
  db: Db,
  tenant: string,
  grantId: string,
): Promise<GuestOfRequest | 'none' | undefined> {
  const record = await findRecord(db, { tenant, model: MODEL, id: grantId })
  return record?.payload.guest as GuestOfRequest | 'none' | undefined
}
