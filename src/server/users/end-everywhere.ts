import { destroyRecordsOfUser } from '../store/engine-records.ts'
import { type EndedFamily, endFamiliesByUser } from '../store/families.ts'
import type { Db } from '../store/store.ts'

interface Everywhere {
  tenant: string
  userId: string
  /** A word for the audit table. */
  reason: string
}

/** Ends a person's sessions and logins, in every browser and at every app, inside the caller's transaction. */
export async function endEverywhere(
  tx: Db,
  { tenant, userId, reason }: Everywhere,
  now: number,
): Promise<EndedFamily[]> {
  // The sessions first: a code redeemed meanwhile holds its session's row, so its login is there when the logins end.
  await destroyRecordsOfUser(tx, { tenant, model: 'Session', userId })
  return endFamiliesByUser(tx, { tenant, userId, reason }, now)
}
