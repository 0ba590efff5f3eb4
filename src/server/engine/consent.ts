import { errors, type Grant, type KoaContextWithOIDC, type Provider } from 'oidc-provider'
import { keepGuestOfGrant } from '../guests/guest-of-grant.ts'
import type { GuestProofs } from '../guests/guest-proof.ts'
import { findConsent } from '../store/consents.ts'
import { loadClient, type Tenant } from '../tenant/tenant.ts'
import type { PersonAccount } from './accounts.ts'
import { decideRoles, rolesAskedFor } from './roles.ts'

/**
 * The grant of this login: always a new one, for what the consent step just allowed or where no question is needed. One
 * login, one grant, so that ending one never ends another; what a person allowed is kept apart, in our own table.
 */
export function grantLoader(tenant: Tenant, guests: GuestProofs) {
  return async (ctx: KoaContextWithOIDC): Promise<Grant | undefined> => {
    checkRoles(ctx, tenant)
    const grant = (await grantAsConsented(ctx, tenant)) ?? (await grantWithoutQuestion(ctx, tenant))
    if (grant?.jti === undefined) return undefined
    ctx.oidc.session?.sidFor(ctx.oidc.client?.clientId ?? '', grant.jti)
    const guest = guests.open(ctx.oidc.params?.guest_session)
    if (guest) await keepGuestOfGrant(tenant.services.store.db, tenant.id, grant.jti, guest)
    return grant
  }
}

/** A scope value somebody can say yes or no to: the profile scopes and roles, not `openid` itself. */
export function scopesToConsent(tenant: Tenant, scopes: ReadonlySet<string>): string[] {
  const known = ['openid', 'profile', 'email', 'offline_access'].filter((scope) => scopes.has(scope))
  return [...known, ...rolesAskedFor(tenant, scopes)]
}

/** Makes and saves the grant for a login that may have `scopes`. */
export async function saveGrant(
  provider: Provider,
  tenant: Tenant,
  { accountId, clientId, scopes }: { accountId: string; clientId: string; scopes: ReadonlySet<string> },
): Promise<Grant> {
  const grant = new provider.Grant({ accountId, clientId })
  const values = scopesToConsent(tenant, scopes).join(' ')
  grant.addOIDCScope(values)
  grant.addResourceScope(tenant.config.audience, values)
  await grant.save()
  return grant
}

/** After sign-in, not before: which roles a person holds is told to nobody else. */
function checkRoles(ctx: KoaContextWithOIDC, tenant: Tenant): void {
  const account = ctx.oidc.account as PersonAccount
  const client = loadClient(tenant, ctx.oidc.client?.clientId ?? '')
  decideRoles(tenant, client, account.user, ctx.oidc.requestParamScopes)
}

/** A page may be answered once and come back twice: each return is a login of its own, with all that was allowed. */
async function grantAsConsented(ctx: KoaContextWithOIDC, tenant: Tenant): Promise<Grant | undefined> {
  const grantId = ctx.oidc.result?.consent?.grantId
  if (grantId === undefined) return undefined
  const allowed = await ctx.oidc.provider.Grant.find(grantId)
  if (!allowed) throw new errors.AccessDenied('the consent given has run out')
  const { accountId = '', clientId = '' } = allowed
  return saveGrant(ctx.oidc.provider, tenant, {
    accountId,
    clientId,
    scopes: new Set(allowed.getOIDCScope().split(' ')),
  })
}

async function grantWithoutQuestion(ctx: KoaContextWithOIDC, tenant: Tenant): Promise<Grant | undefined> {
  const { account, client: engineClient, provider, requestParamScopes } = ctx.oidc
  const client = loadClient(tenant, engineClient?.clientId ?? '')
  const accountId = account?.accountId ?? ''
  if (client.consent !== 'skip' && !(await isCovered(tenant, accountId, client.client_id, requestParamScopes)))
    return undefined
  return saveGrant(provider, tenant, { accountId, clientId: client.client_id, scopes: requestParamScopes })
}

async function isCovered(
  tenant: Tenant,
  userId: string,
  clientId: string,
  scopes: ReadonlySet<string>,
): Promise<boolean> {
  const missing = await missingConsent(tenant, { userId, clientId, scopes })
  return missing.length === 0
}

/** The scope values a person has not yet allowed this client. */
export async function missingConsent(
  tenant: Tenant,
  { userId, clientId, scopes }: { userId: string; clientId: string; scopes: ReadonlySet<string> },
): Promise<string[]> {
  const given = await findConsent(tenant.services.store.db, { tenant: tenant.id, userId, clientId })
  const allowed = new Set(given?.scope ?? [])
  return scopesToConsent(tenant, scopes).filter((scope) => !allowed.has(scope))
}
