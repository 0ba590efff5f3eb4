import type { FastifyInstance } from 'fastify'
import type { Provider } from 'oidc-provider'
import { mountEngine } from './engine/mount.ts'
import { createEngine } from './engine/provider.ts'
import { type GuestParts, guestGrants } from './guests/guest-grant.ts'
import { createGuestLimit } from './guests/guest-limit.ts'
import { createGuestProofs } from './guests/guest-proof.ts'
import { createGuestSealer } from './guests/guest-session.ts'
import { createGuestTokens } from './guests/guest-tokens.ts'
import { upgradeStatusRoute } from './guests/upgrade-status.ts'
import { interactionPath, leaveSealedCookie } from './interaction/interactions.ts'
import { interactionRoutes } from './interaction/routes.ts'
import { createRequestSealer } from './interaction/sealed-request.ts'
import { createSealer } from './keys/sealing.ts'
import { loadTenantKeys } from './keys/tenant-keys.ts'
import { homeClient } from './pages/views.ts'
import { revocationRoutes } from './revocations/routes.ts'
import { StartError } from './start-error.ts'
import type { Tenant } from './tenant/tenant.ts'

/** Everything below `/{tenant}`. */
export async function tenantRoutes(app: FastifyInstance, tenant: Tenant): Promise<void> {
  const { store, secrets } = tenant.services
  const keys = await loadTenantKeys(store, createSealer(secrets, 'tenant keys'), tenant.id, Date.now())
  const sealer = createRequestSealer(tenant)
  const guestSealer = createGuestSealer(tenant)
  const provider = createEngine(tenant, {
    keys,
    guestSealer,
    guestProofs: createGuestProofs(tenant, guestSealer),
    pages: {
      open(ctx, interaction) {
        leaveSealedCookie(ctx, { tenant, sealer }, interaction)
        return interactionPath(tenant, interaction.uid)
      },
    },
  })
  await app.register((pages) => interactionRoutes(pages, { tenant, provider, sealer }))
  await checkClients(tenant, provider)
  const guests: GuestParts = {
    tenant,
    provider,
    sealer: guestSealer,
    tokens: await createGuestTokens(tenant, keys, guestSealer),
    limit: createGuestLimit(store, tenant.id, tenant.services.limits),
  }
  await app.register((engine) => mountEngine(engine, { tenant, provider, answerBefore: guestGrants(guests) }))
  await app.register((me) => upgradeStatusRoute(me, { tenant, provider, keys }))
  await app.register((lists) => revocationRoutes(lists, { tenant, keys }))
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
