import type { Account, FindAccount } from 'oidc-provider'
import type { UserRow } from '../store/tables.ts'
import { findUserById } from '../store/users.ts'
import type { Tenant } from '../tenant/tenant.ts'

/** The engine's view of a person; carries the row so that handlers need not look it up again. */
export interface PersonAccount extends Account {
  user: UserRow
}

/** Which scope value asks for which claims about a person (OpenID Connect Core section 5.4). */
export const PERSON_CLAIMS = {
  profile: ['name', 'preferred_username', 'legal_entities'],
  email: ['email', 'email_verified'],
} as const

type PersonClaim = (typeof PERSON_CLAIMS)[keyof typeof PERSON_CLAIMS][number]

/** Finds somebody who may use the portal: neither disabled nor a guest template. */
export async function findUsablePerson(tenant: Tenant, id: string): Promise<UserRow | undefined> {
  const user = await findUserById(tenant.services.store.db, tenant.id, id)
  return user && user.disabled_at === null && !user.guest_template ? user : undefined
}

export function accountFinder(tenant: Tenant): FindAccount {
  return async (_ctx, sub, token) => {
    const user = await findUsablePerson(tenant, sub)
    if (!user) return undefined
    const claims = { sub: user.id, ...personClaims(user), ...companyOf(token) }
    return { accountId: user.id, user, claims: () => claims } satisfies PersonAccount
  }
}

/** What these scopes let an app know about a person. */
export function claimsInScope(user: UserRow, scopes: ReadonlySet<string>): Record<string, unknown> {
  const all: Partial<Record<PersonClaim, unknown>> = personClaims(user)
  const names = Object.entries(PERSON_CLAIMS).flatMap(([scope, claims]) => (scopes.has(scope) ? claims : []))
  return Object.fromEntries(names.filter((name) => name in all).map((name) => [name, all[name]]))
}

/** The company an access token is for, at userinfo. */
function companyOf(token: { extra?: Record<string, unknown> } | object | undefined): { legal_entity_id?: unknown } {
  const company = token && 'extra' in token ? token.extra?.legal_entity_id : undefined
  return company === undefined ? {} : { legal_entity_id: company }
}

function personClaims(user: UserRow): Partial<Record<PersonClaim, string | boolean | string[]>> {
  const companies: string[] = JSON.parse(user.legal_entities)
  return {
    name: user.name ?? user.username,
    preferred_username: user.username,
    ...(companies.length > 0 && { legal_entities: companies }),
    ...(user.email === null ? {} : { email: user.email, email_verified: user.email_verified === 1 }),
  }
}
