import type { FastifyInstance } from 'fastify'
import type { Provider } from 'oidc-provider'
import { createEngine } from '../engine/provider.ts'
import { mountEngine } from '../engine/mount.ts'
import { interactionPath, leaveSealedCookie } from '../interaction/interactions.ts'
import { interactionRoutes } from '../interaction/routes.ts'
import { createRequestSealer } from '../interaction/sealed-request.ts'
import { createSealer } from '../keys/sealing.ts'
import { loadTenantKeys } from '../keys/tenant-keys.ts'
import { homeClient } from '../pages/views.ts'
import type { Tenant } from './tenant.ts'

/** Everything below `/{tenant}`. */
export async function tenantRoutes(app: FastifyInstance, tenant: Tenant): Promise<void> {
  const { store, secrets } = tenant.services
  const keys = await loadTenantKeys(store, createSealer(secrets, 'tenant keys'), tenant.id, Date.now())
  const sealer = createRequestSealer(tenant)
  const provider: Provider = createEngine(tenant, {
    keys,
    pages: {
      open(ctx, interaction) {
        leaveSealedCookie(ctx, { tenant, sealer }, interaction)
        return interactionPath(tenant, interaction.uid)
      },
    },
  })
  await app.register((pages) => interactionRoutes(pages, { tenant, provider, sealer }))
  await app.register((engine) => mountEngine(engine, { tenant, provider }))
  // A bookmark of the portal itself leads to the shop it belongs to.
  app.get('/', (_request, reply) => {
    const home = homeClient(tenant)?.client_uri
    return home === undefined ? reply.callNotFound() : reply.redirect(home, 303)
  })
}
