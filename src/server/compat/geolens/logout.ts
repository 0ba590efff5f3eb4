import { type AccessTokenReader, createAccessTokenReader } from '../../engine/access-token-reader.ts'
import { endFamilies } from '../../store/families.ts'
import { findRefreshToken } from '../../store/refresh-tokens.ts'
import type { Db } from '../../store/store.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import type { TenantParts } from '../../tenant-parts.ts'
import { endEverywhere } from '../../users/end-everywhere.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { CompatRefused } from '../refusal.ts'
import { type Bearer, readBearer } from './bearer.ts'
import { appClient } from './client.ts'
import { RefreshFields } from './refresh.ts'

/** Ends all that the person is signed in to, on every device, as theirs does. */
export function logoutRoute(parts: TenantParts): CompatRoute {
  return signOut(parts, '/logout', 'everywhere', (tx, { tenant, userId }, now) =>
    endEverywhere(tx, { tenant, userId, reason: 'signed-out' }, now),
  )
}

/** Ends the login that the credential is of, and no other. */
export function sessionLogoutRoute(parts: TenantParts): CompatRoute {
  return signOut(parts, '/logout/session', 'app', (tx, { tenant, familyId }, now) =>
    endFamilies(tx, { tenant, ids: [familyId], reason: 'signed-out' }, now),
  )
}

type End = (tx: Db, login: Bearer & { tenant: string }, now: number) => Promise<unknown[]>

function signOut({ tenant, keys }: TenantParts, path: string, scope: 'everywhere' | 'app', end: End): CompatRoute {
  const reader = createAccessTokenReader(tenant, keys)
  const work = async (call: CompatCall, known: Known) => {
    const client = appClient(tenant, known)
    const login = await findLogin(tenant, call, { reader, clientId: client.client_id })
    if (login === 'ended') return
    const { userId, familyId } = login
    const { store, audit, events } = tenant.services
    const now = Date.now()
    await store.transaction(async (tx) => {
      const ended = await end(tx, { tenant: tenant.id, userId, familyId }, now)
      const who = { tenant: tenant.id, userId, clientId: client.client_id, ...call.origin }
      await audit.record({ event: 'sign-out', ...who, detail: { scope, logins: ended.length } }, now, tx)
    })
    events.wake()
  }
  return {
    method: 'POST',
    path,
    cors: 'clients',
    body: ['json'],
    async answer(call) {
      await recordRefusals(tenant, call, (known) => work(call, known))
      return { status: 204 }
    },
  }
}

/**
 * By the refresh token if one is sent, which also serves whoever's access token has ended; else by the access token.
 * One whose login has ended already is answered as the first time, and ends nothing else: it may lie about anywhere.
 */
async function findLogin(
  tenant: Tenant,
  { fields, headers }: CompatCall,
  { reader, clientId }: { reader: AccessTokenReader; clientId: string },
): Promise<Bearer | 'ended'> {
  if (fields.refresh_token === undefined) return readBearer(reader, headers, clientId)
  const { refresh_token } = readFields(RefreshFields, fields)
  const { family } = (await findRefreshToken(tenant.services.store.db, tenant.id, refresh_token)) ?? {}
  if (family?.client_id !== clientId) throw new CompatRefused('invalid_grant', 'refresh token not found')
  return family.ended_at === null ? { userId: family.user_id, familyId: family.id } : 'ended'
}
