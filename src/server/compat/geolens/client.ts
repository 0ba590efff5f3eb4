import type { ClientConfig } from '../../config/schema.ts'
import { authenticateClient } from '../../engine/client-authentication.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import type { Known } from '../record-refusals.ts'

/**
 * The public client that answers for their apps, which name none.
 * @throws `invalid_client` while it is switched off
 */
export function appClient(tenant: Tenant, known: Known): ClientConfig {
  const clientId = tenant.config.compat.geolens?.client_id ?? ''
  known.client = tenant.clients.get(clientId)
  return authenticateClient(known.client, { clientId, secret: undefined })
}
