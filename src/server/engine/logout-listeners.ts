import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { insertLogoutListener } from '../store/logout-listeners.ts'
import { loadClient, type Tenant } from '../tenant/tenant.ts'

/**
 * Remembers which logins have to be told of when they end (OpenID Connect Back-Channel Logout 1.0): with each answer, so
 * for clients without refresh tokens too, whose session outlives every token they had.
 */
export function installLogoutListeners(provider: Provider, tenant: Tenant): void {
  const answered = new WeakSet<KoaContextWithOIDC>()
  provider.on('authorization.success', (ctx) => void answered.add(ctx))
  provider.use(async (ctx, next) => {
    await next()
    const withOidc = ctx as KoaContextWithOIDC
    if (answered.has(withOidc)) await remember(tenant, withOidc)
  })
}

async function remember(tenant: Tenant, { oidc }: KoaContextWithOIDC): Promise<void> {
  const { client, session, account, entities } = oidc
  const { client_id: clientId, backchannel_logout_uri, absolute_ttl = 0 } = loadClient(tenant, client?.clientId ?? '')
  if (backchannel_logout_uri === undefined || !entities.Grant?.jti) return
  const longestSeconds = Math.max(tenant.config.session.absolute_ttl, absolute_ttl)
  await insertLogoutListener(tenant.services.store.db, {
    tenant: tenant.id,
    sid: entities.Grant.jti,
    clientId,
    userId: account?.accountId ?? '',
    sessionUid: session?.uid,
    forgetAt: Date.now() + longestSeconds * 1000,
  })
}
