import { findOrderCloudClient } from '../config/compat-schema.ts'
import type { ClientConfig } from '../config/schema.ts'
import type { Tenant } from './tenant.ts'

/** How long the longest access token of a client's guests may be about, by whichever way they asked for it. */
export function longestGuestTokenSeconds(
  { config }: Pick<Tenant, 'config'>,
  { guest, client_id }: ClientConfig,
): number {
  if (!guest) return 0
  if (!config.compat.ordercloud) return guest.access_token_ttl
  return Math.max(guest.access_token_ttl, findOrderCloudClient(config.compat, client_id).anonymous_token_ttl)
}
