import { randomUUID } from 'node:crypto'
import { hashOf } from './hash.ts'
import { insertOutboxRows } from './outbox.ts'
import type { Db } from './store.ts'
import type { LogoutListenerRow } from './tables.ts'

export interface LogoutListener {
  tenant: string
  /** The login's. */
  sid: string
  clientId: string
  userId: string
  /** Plain uid of the portal session; only its hash is stored. */
  sessionUid?: string | undefined
  /** From here on no session and no token of this login is left. */
  forgetAt: number
}

/** Which logins are meant: some by name, those of one portal session, or those of one person, perhaps at one client. */
export type LoginsOf = { sids: string[] } | { sessionUid: string } | { userId: string; clientId?: string | undefined }

/** What has to be told to a client about one login, as kept in the outbox. */
export interface LogoutNotice {
  sub: string
  sid: string
}

export const LOGOUT_NOTICE = 'logout'

/** How the outbox names a client; no address begins like this. */
export function clientReceiver(clientId: string): string {
  return `client:${clientId}`
}

export async function insertLogoutListener(db: Db, listener: LogoutListener): Promise<void> {
  const { tenant, sid, clientId, userId, sessionUid, forgetAt } = listener
  const session_hash = sessionUid === undefined ? null : hashOf(sessionUid)
  await db
    .insertInto('logout_listeners')
    .values({ tenant, sid, client_id: clientId, user_id: userId, session_hash, forget_at: forgetAt })
    .onConflict((conflict) => conflict.columns(['tenant', 'sid']).doNothing())
    .execute()
}

/** Queues what the clients of these logins have to hear; each of them hears of it once, whatever else ends there. */
export async function queueLogoutNotices(tx: Db, tenant: string, logins: LoginsOf, now: number): Promise<void> {
  const listeners = await takeListeners(tx, tenant, logins)
  const rows = listeners.map(({ client_id, user_id, sid }) => ({
    id: randomUUID(),
    tenant,
    event_id: `evt_${randomUUID()}`,
    receiver: clientReceiver(client_id),
    type: LOGOUT_NOTICE,
    body: JSON.stringify({ sub: user_id, sid } satisfies LogoutNotice),
  }))
  await insertOutboxRows(tx, rows, now)
}

/** Takes the listeners of these logins out, so that of two who do so at once one gets each. */
export async function takeListeners(db: Db, tenant: string, logins: LoginsOf): Promise<LogoutListenerRow[]> {
  if ('sids' in logins && logins.sids.length === 0) return []
  const all = db.deleteFrom('logout_listeners').where('tenant', '=', tenant).returningAll()
  if ('sids' in logins) return all.where('sid', 'in', logins.sids).execute()
  if ('sessionUid' in logins) return all.where('session_hash', '=', hashOf(logins.sessionUid)).execute()
  const ofPerson = all.where('user_id', '=', logins.userId)
  return logins.clientId === undefined
    ? ofPerson.execute()
    : ofPerson.where('client_id', '=', logins.clientId).execute()
}
