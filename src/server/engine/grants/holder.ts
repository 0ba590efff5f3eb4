import type { UserRow } from '../../store/tables.ts'
import { clientSubject, isClientSubject } from '../client-subject.ts'
import { errors } from '../engine-errors.ts'
import { decideOwnRoles, decideRoles } from '../roles.ts'
import { type GrantRequest, loadPerson } from './grant-request.ts'

/** Whom tokens are about: a person, or an app that acts for itself. */
export interface Holder {
  sub: string
  /** Nobody where an app acts for itself. */
  user: UserRow | undefined
}

export function personHolder(user: UserRow): Holder {
  return { sub: user.id, user }
}

export function clientHolder({ client }: Pick<GrantRequest, 'client'>): Holder {
  return { sub: clientSubject(client.client_id), user: undefined }
}

/** @throws `invalid_grant` when whoever a login belongs to may not have it any more */
export async function loadHolder(request: GrantRequest, subject: string): Promise<Holder> {
  if (!isClientSubject(subject)) return personHolder(await loadPerson(request, subject))
  const { client_credentials_refresh, grant_types } = request.client
  if (!client_credentials_refresh || !grant_types.includes('client_credentials'))
    throw new errors.InvalidGrant('this client may not refresh what it got for itself any more')
  return clientHolder(request)
}

/** @throws `invalid_scope`, `access_denied` */
export function rolesOfHolder(
  { tenant, client, dialect }: Pick<GrantRequest, 'tenant' | 'client' | 'dialect'>,
  { user }: Holder,
  scopes: ReadonlySet<string>,
): string[] {
  if (user) return decideRoles(tenant, client, user, scopes)
  return decideOwnRoles(client, [...scopes].filter(Boolean), dialect?.contextUser)
}
