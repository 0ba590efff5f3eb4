import { errors } from 'oidc-provider'
import { ADMIN_SCOPE } from '../config/admin-scope.ts'
import type { ClientConfig } from '../config/schema.ts'
import type { UserRow } from '../store/tables.ts'
import type { Tenant } from '../tenant/tenant.ts'

/** The roles among the scope values a client asked for, in the tenant's order. */
export function rolesAskedFor(tenant: Tenant, scopes: ReadonlySet<string>): string[] {
  return tenant.config.roles.filter((role) => scopes.has(role))
}

/** What a person may be in an app: assigned to them, and within the client's maximum. */
export function rolesHeld(user: UserRow, client: ClientConfig): string[] {
  const assigned: string[] = JSON.parse(user.roles)
  const maximum = client.max_roles
  return maximum ? assigned.filter((role) => maximum.includes(role)) : assigned
}

/**
 * What an app may ask for itself: only what its configuration names, since nobody assigns it anything; or what the person
 * has whose roles it was lent.
 */
export function scopeOfClient(client: ClientConfig, lentBy?: UserRow): string[] {
  return lentBy ? rolesHeld(lentBy, client) : (client.max_roles ?? client.min_roles ?? [])
}

/**
 * The roles among what an app asks for itself.
 * @throws `invalid_scope` for anything else than it may ask: nobody is signed in whom `openid` could be about.
 */
export function decideOwnRoles(client: ClientConfig, asked: readonly string[], lentBy?: UserRow): string[] {
  const refused = asked.find((value) => !scopeOfClient(client, lentBy).includes(value))
  if (refused !== undefined) throw new errors.InvalidScope('this client can not have this scope', refused)
  return asked.filter((value) => value !== ADMIN_SCOPE)
}

/**
 * The roles for a token: those asked for, or all held when none were.
 * @throws `invalid_scope` when one is asked for that isn't held, `access_denied` below the client's minimum.
 */
export function decideRoles(
  tenant: Tenant,
  client: ClientConfig,
  user: UserRow,
  scopes: ReadonlySet<string>,
): string[] {
  const held = rolesHeld(user, client)
  const missingMinimum = (client.min_roles ?? []).find((role) => !held.includes(role))
  if (missingMinimum !== undefined) throw new errors.AccessDenied(`this app needs the role ${missingMinimum}`)
  const asked = rolesAskedFor(tenant, scopes)
  const refused = asked.find((role) => !held.includes(role))
  if (refused !== undefined) throw new errors.InvalidScope('this role is not held', refused)
  return asked.length > 0 ? asked : held
}
