import { findOrderCloudClient, type OrderCloudClient } from '../../config/compat-schema.ts'
import type { ClientConfig } from '../../config/schema.ts'
import type { TokenDialect, TokenSubject } from '../../engine/grants/token-dialect.ts'
import type { UserRow } from '../../store/tables.ts'
import { findUserByName } from '../../store/users.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import { foldName } from '../../users/fold-name.ts'
import { CompatRefused } from '../refusal.ts'

/**
 * Tokens as their SDK and middleware read them. It never stores a rotated refresh token, so the one it has stays good
 * until its end; and a visitor's only token lasts as long as the visit may.
 */
export async function ordercloudDialect(tenant: Tenant, client: ClientConfig): Promise<TokenDialect> {
  const settings = findOrderCloudClient(tenant.config.compat, client.client_id)
  const contextUser = await findContextUser(tenant, settings)
  return {
    alg: 'RS256',
    rotation: 'fixed',
    contextUser,
    guestTtlSeconds: settings.anonymous_token_ttl,
    accessTokenClaims: (subject) => claimsOf(subject, { client, settings, contextUser }),
  }
}

/** Who the client's own tokens stand for. @throws {CompatRefused} when it is somebody who is gone */
async function findContextUser(
  { id, services }: Tenant,
  { default_context_user: name }: OrderCloudClient,
): Promise<UserRow | undefined> {
  if (name === undefined) return undefined
  const user = await findUserByName(services.store.db, id, foldName(name))
  if (user?.disabled_at === null) return user
  throw new CompatRefused('template-missing', 'The default context user of this client can not be used')
}

interface TheirClient {
  client: ClientConfig
  settings: OrderCloudClient
  contextUser: UserRow | undefined
}

function claimsOf(
  { user, roles, sessionId, isGuest }: TokenSubject,
  { client: { client_id: cid }, settings, contextUser }: TheirClient,
) {
  return {
    // Without anybody the client stands for itself.
    usr: (user ?? contextUser)?.username ?? cid,
    cid,
    usrtype: isGuest ? 'buyer' : settings.user_type,
    // As they write it: no list for a single one.
    role: roles.length === 1 ? roles[0] : roles,
    nbf: Math.floor(Date.now() / 1000),
    // The one order this visitor may touch.
    ...(isGuest && { orderid: sessionId }),
  }
}
