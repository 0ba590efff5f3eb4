import type { KoaContextWithOIDC } from 'oidc-provider'
import { findFamily } from '../store/families.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { endEverywhere } from '../users/end-everywhere.ts'
import { requestOrigin } from './request-origin.ts'

interface Hint {
  sub?: string
  sid?: string
  aud?: string
}

/** An old ID token may lie about in some log; one whose login still lives is in the hands of the app. */
export async function isOfLiveLogin(tenant: Tenant, ctx: KoaContextWithOIDC): Promise<boolean> {
  const { sub, sid = '', aud } = hintOf(ctx)
  const family = await findFamily(tenant.services.store.db, tenant.id, sid)
  if (!family || family.user_id !== sub || family.client_id !== aud) return false
  return family.ended_at === null && family.absolute_end > Date.now()
}

/** Ends all that the person of the hint is signed in to, where this browser has no session that would take it along. */
export async function endEverywhereFor(tenant: Tenant, ctx: KoaContextWithOIDC): Promise<void> {
  const { store, audit, events } = tenant.services
  const { sub: userId = '', aud: clientId } = hintOf(ctx)
  const now = Date.now()
  await store.transaction(async (tx) => {
    const ended = await endEverywhere(tx, { tenant: tenant.id, userId, reason: 'signed-out' }, now)
    const detail = { scope: 'everywhere', logins: ended.length }
    await audit.record(
      { tenant: tenant.id, event: 'sign-out', userId, clientId, detail, ...requestOrigin(ctx) },
      now,
      tx,
    )
  })
  events.wake()
}

function hintOf(ctx: KoaContextWithOIDC): Hint {
  return (ctx.oidc.entities.IdTokenHint?.payload ?? {}) as Hint
}
