import { hashOf } from './hash.ts'
import type { Db } from './store.ts'
import type { EndedGuestRow } from './tables.ts'

export interface GuestEnding {
  tenant: string
  /** The guest's continuity id; only its hash is stored. */
  sessionId: string
  guestSub: string
  reason: EndedGuestRow['reason']
  /** When the guest's refresh token would have ended by itself. */
  forgetAt: number
}

/** Ends a guest for good. Of any number of callers at once exactly one gets `true`. */
export async function endGuest(tx: Db, ending: GuestEnding, now: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('ended_guests')
    .values({
      tenant: ending.tenant,
      session_hash: hashOf(ending.sessionId),
      guest_sub: ending.guestSub,
      reason: ending.reason,
      ended_at: now,
      forget_at: ending.forgetAt,
    })
    .onConflict((conflict) => conflict.columns(['tenant', 'session_hash']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

export async function isGuestEnded(db: Db, tenant: string, sessionId: string): Promise<boolean> {
  const row = await db
    .selectFrom('ended_guests')
    .select('ended_at')
    .where('tenant', '=', tenant)
    .where('session_hash', '=', hashOf(sessionId))
    .executeTakeFirst()
  return row !== undefined
}

/** Guests that ended since a moment, whose access tokens may still be about. */
export async function listGuestsEndedSince(
  db: Db,
  tenant: string,
  since: number,
): Promise<Pick<EndedGuestRow, 'guest_sub' | 'ended_at'>[]> {
  return db
    .selectFrom('ended_guests')
    .select(['guest_sub', 'ended_at'])
    .where('tenant', '=', tenant)
    .where('ended_at', '>', since)
    .orderBy('ended_at')
    .execute()
}
