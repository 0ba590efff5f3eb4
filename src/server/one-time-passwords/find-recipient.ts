import type { UserRow } from '../store/tables.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { findByTypedName, maySignIn } from '../users/find-person.ts'
import { foldName } from '../users/fold-name.ts'
import type { MailRequest } from './mail-request.ts'

export type Recipient = UserRow & { email: string }

/** The one account that a request means: nobody when its names are of two, or of none that can be written to. */
export async function findRecipient(
  tenant: Tenant,
  { username, email }: Pick<MailRequest, 'username' | 'email'>,
): Promise<Recipient | undefined> {
  const user = await findByTypedName(tenant, username ?? email ?? '')
  if (!user || !maySignIn(user) || !hasEmail(user)) return undefined
  return email === undefined || foldName(email) === foldName(user.email) ? user : undefined
}

function hasEmail(user: UserRow): user is Recipient {
  return user.email !== null
}
