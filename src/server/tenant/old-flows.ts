import { listOldFlowUses } from '../store/old-flow-uses.ts'
import type { OldFlowUseRow } from '../store/tables.ts'
import type { Tenant } from './tenant.ts'

/** How an app moves on to the code flow with PKCE (RFC 9700 sections 2.1.2 and 2.4). */
const HOW_TO_MOVE: Record<OldFlowUseRow['flow'], string> = {
  implicit:
    'its tokens travel in addresses. Move it to the code flow: give the client the grant types authorization_code and refresh_token, and let the app send response_type=code with a code_challenge, then redeem the code at the token endpoint.',
  password:
    'it sees passwords. Move it to the code flow: give the client the grant type authorization_code and a redirect_uri, and let the app open the portal with response_type=code and a code_challenge instead of asking for the password.',
}

/** Says once, at start, which apps still use a flow they should leave behind, how often, and how to move them. */
export async function tellOldFlowUses({ id, services }: Tenant): Promise<void> {
  for (const { client_id, flow, uses, first_at, last_at } of await listOldFlowUses(services.store.db, id)) {
    const since = new Date(first_at).toISOString().slice(0, 10)
    const times = Number(uses) === 1 ? 'once' : `${uses} times`
    services.log.warn(
      { tenant: id, client_id, flow, uses: Number(uses), last_used_at: new Date(last_at).toISOString() },
      `${client_id} used the ${flow} flow ${times} since ${since}: ${HOW_TO_MOVE[flow]}`,
    )
  }
}
