import { insertLogoutListener } from '../store/logout-listeners.ts'
import type { Db } from '../store/store.ts'
import { loadClient, type Tenant } from '../tenant/tenant.ts'

interface StartedLogin {
  familyId: string
  userId: string
  clientId: string
  sessionUid?: string | undefined
}

/** Remembers that a login has to be told of when it ends, if its client wants to hear; in the transaction that starts it. */
export async function rememberToTell(tx: Db, tenant: Tenant, login: StartedLogin, now: number): Promise<void> {
  const { familyId: sid, userId, clientId, sessionUid } = login
  const { backchannel_logout_uri, absolute_ttl = 0 } = loadClient(tenant, clientId)
  if (backchannel_logout_uri === undefined) return
  const longestSeconds = Math.max(tenant.config.session.absolute_ttl, absolute_ttl)
  const forgetAt = now + longestSeconds * 1000
  await insertLogoutListener(tx, { tenant: tenant.id, sid, clientId, userId, sessionUid, forgetAt })
}
