import type { FastifyInstance } from 'fastify'
import type { Provider } from 'oidc-provider'
import { introspectionEndpoint } from './engine/introspection-endpoint.ts'
import { mountEngine } from './engine/mount.ts'
import { tokenEndpoint } from './engine/token-endpoint.ts'
import { upgradeStatusRoute } from './guests/upgrade-status.ts'
import { knownBrowsers } from './interaction/known-browser.ts'
import { interactionRoutes } from './interaction/routes.ts'
import { upstreamRoutes } from './interaction/upstream-routes.ts'
import { oneTimePasswordRoutes } from './one-time-passwords/routes.ts'
import { homeClient } from './pages/views.ts'
import { revocationRoutes } from './revocations/routes.ts'
import { StartError } from './start-error.ts'
import type { Tenant } from './tenant/tenant.ts'
import type { TenantParts } from './tenant-parts.ts'

/** Everything below `/{tenant}` but what answers for older APIs (`compat/`). */
export async function tenantRoutes(app: FastifyInstance, parts: TenantParts): Promise<void> {
  const { tenant, keys, provider, sealer, upstreams } = parts
  const interactions = { tenant, provider, sealer, upstreams, browsers: knownBrowsers(tenant) }
  await app.register((pages) => interactionRoutes(pages, interactions))
  await app.register((callbacks) => upstreamRoutes(callbacks, interactions))
  await checkClients(tenant, provider)
  await app.register((token) => tokenEndpoint(token, parts))
  await app.register((introspection) => introspectionEndpoint(introspection, parts))
  await app.register((engine) => mountEngine(engine, parts))
  await app.register((me) => upgradeStatusRoute(me, parts))
  await app.register((lists) => revocationRoutes(lists, { tenant, keys }))
  await app.register((mailed) => oneTimePasswordRoutes(mailed, tenant))
  // A bookmark of the portal itself leads to the shop it belongs to.
  app.get('/', (_request, reply) => {
    const home = homeClient(tenant)?.client_uri
    return home === undefined ? reply.callNotFound() : reply.redirect(home, 303)
  })
}

/** The engine looks at a client when it is first used; what it would refuse then is better known at the start. */
async function checkClients(tenant: Tenant, provider: Provider): Promise<void> {
  for (const clientId of tenant.clients.keys()) {
    try {
      await provider.Client.find(clientId)
    } catch (error) {
      const reason =
        error instanceof Error && 'error_description' in error ? String(error.error_description) : String(error)
      throw new StartError(`Client "${clientId}" of tenant "${tenant.id}" can't be served: ${reason}.`, {
        cause: error,
      })
    }
  }
}
