import { createAccessTokenReader } from '../../engine/access-token-reader.ts'
import { findUsablePerson } from '../../engine/accounts.ts'
import { rolesHeld } from '../../engine/roles.ts'
import type { TenantParts } from '../../tenant-parts.ts'
import type { CompatRoute } from '../compat-area.ts'
import { recordRefusals } from '../record-refusals.ts'
import { CompatRefused } from '../refusal.ts'
import { readBearer } from './bearer.ts'
import { appClient } from './client.ts'

/** Who is signed in. */
export function meRoute({ tenant, keys }: TenantParts): CompatRoute {
  const reader = createAccessTokenReader(tenant, keys)
  return {
    method: 'GET',
    path: '/me',
    cors: 'clients',
    answer: (call) =>
      recordRefusals(tenant, call, async (known) => {
        const client = appClient(tenant, known)
        const { userId } = await readBearer(reader, call.headers, client.client_id)
        const user = await findUsablePerson(tenant, userId)
        if (!user) throw new CompatRefused('account-disabled', 'this account can no longer be used')
        const { id, username, email } = user
        return { body: { id, username, email, is_active: true, roles: rolesHeld(user, client) } }
      }),
  }
}
