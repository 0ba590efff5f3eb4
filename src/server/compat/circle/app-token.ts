import type { IncomingHttpHeaders } from 'node:http'
import type { ClientConfig } from '../../config/schema.ts'
import { authenticateClient } from '../../engine/client-authentication.ts'
import { errors } from '../../engine/engine-errors.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import type { Known } from '../record-refusals.ts'

/**
 * The community's server, by its app token: the secret of the client that the configuration names.
 * @throws `invalid_client`
 */
export function authenticateApp(tenant: Tenant, headers: IncomingHttpHeaders, known: Known): ClientConfig {
  const clientId = tenant.config.compat.circle?.client_id ?? ''
  known.client = tenant.clients.get(clientId)
  const secret = bearerOf(headers)
  if (secret === undefined) throw new errors.InvalidClientAuth('no app token was sent')
  return authenticateClient(known.client, { clientId, secret })
}

/**
 * The same, or whoever holds the very token that the request is about: their documents ask for the app token, an
 * often-used client of theirs sends the token itself.
 * @throws `invalid_client`
 */
export function authenticateAppOrHolder(
  tenant: Tenant,
  headers: IncomingHttpHeaders,
  { token, known }: { token: string; known: Known },
): ClientConfig {
  const client = tenant.clients.get(tenant.config.compat.circle?.client_id ?? '')
  if (client === undefined || bearerOf(headers) !== token) return authenticateApp(tenant, headers, known)
  known.client = client
  return client
}

function bearerOf({ authorization }: IncomingHttpHeaders): string | undefined {
  return /^bearer (\S+)$/i.exec(authorization ?? '')?.[1]
}
