import { DEFAULT_SCOPE } from '../default-scope.ts'
import { errors } from '../engine-errors.ts'
import type { GrantRequest } from './grant-request.ts'

const PERSON_SCOPES = ['openid', 'profile', 'email', 'offline_access']

/**
 * What is asked for a person whom no page asks: `scope` and `custom_roles` together. What nobody can have is refused, and
 * never left out: no consent page shows what became of it.
 * @throws `invalid_scope`
 */
export function askedScope({ tenant, params }: Pick<GrantRequest, 'tenant' | 'params'>): string {
  const { roles } = tenant.config
  const scope = wordsOf(params.scope)
  const customRoles = wordsOf(params.custom_roles)
  const unknown = [
    ...scope.filter((value) => !PERSON_SCOPES.includes(value) && !roles.includes(value)),
    ...customRoles.filter((value) => !roles.includes(value)),
  ]
  if (unknown.length > 0) throw new errors.InvalidScope('nobody here can have this scope', unknown.join(' '))
  return [...new Set([...scope, ...customRoles])].join(' ') || DEFAULT_SCOPE
}

export function wordsOf(value: string | undefined): string[] {
  return (value ?? '').split(' ').filter(Boolean)
}
