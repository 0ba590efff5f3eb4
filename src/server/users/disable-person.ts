import type { Audit } from '../audit/audit.ts'
import { destroyRecordsOfUser } from '../store/engine-records.ts'
import { type EndedFamily, endFamiliesByUser } from '../store/families.ts'
import { deleteOneTimePassword } from '../store/one-time-passwords.ts'
import type { Store } from '../store/store.ts'
import { disableUser } from '../store/users.ts'

/** Shuts a person out and ends all they are signed in to: all of it, or nothing. Being let in again brings none back. */
export function disablePerson(
  { store, audit }: { store: Store; audit: Pick<Audit, 'record'> },
  { tenant, userId }: { tenant: string; userId: string },
  now: number,
): Promise<EndedFamily[]> {
  return store.transaction(async (tx) => {
    // Sessions and person first, in the order a code's redemption holds them: its login is there when the logins end.
    await destroyRecordsOfUser(tx, { tenant, model: 'Session', userId })
    await disableUser(tx, { tenant, id: userId }, now)
    await deleteOneTimePassword(tx, { tenant, userId })
    const ended = await endFamiliesByUser(tx, { tenant, userId, reason: 'account-disabled' }, now)
    await audit.record({ tenant, event: 'user.disabled', userId, detail: { logins: ended.length } }, now, tx)
    return ended
  })
}
