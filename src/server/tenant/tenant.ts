import type { ClientConfig, TenantConfig } from '../config/schema.ts'
import type { Services } from '../services.ts'
import { createSignInThrottle, type SignInThrottle } from '../throttles/sign-in-throttle.ts'

/** One shop or community: its own issuer, people, clients and keys. */
export interface Tenant {
  /** Path segment, `^[a-z][a-z0-9]{2,15}$`. */
  id: string
  /** `{origin}/{id}`. */
  issuer: string
  /** `/{id}`. */
  path: string
  config: TenantConfig
  /** The active ones, by `client_id`. */
  clients: ReadonlyMap<string, ClientConfig>
  /** How often its people's passwords may be guessed. */
  throttle: SignInThrottle
  services: Services
}

export function createTenant(id: string, config: TenantConfig, services: Services): Tenant {
  return {
    id,
    issuer: `${services.origin}/${id}`,
    path: `/${id}`,
    config,
    clients: new Map(config.clients.filter((client) => client.active).map((client) => [client.client_id, client])),
    throttle: createSignInThrottle({ tenant: id, lockout: config.lockout, ...services }),
    services,
  }
}

/** @throws when the client isn't the tenant's: only for ids the engine has already looked up. */
export function loadClient(tenant: Tenant, clientId: string): ClientConfig {
  const client = tenant.clients.get(clientId)
  if (!client) throw new Error(`client ${clientId} is not registered with tenant ${tenant.id}`)
  return client
}
