import type { Db } from './store.ts'
import type { OldFlowUseRow } from './tables.ts'

/** One use of a flow that apps should leave behind. */
export interface OldFlowUse {
  tenant: string
  clientId: string
  flow: OldFlowUseRow['flow']
}

/** Counts a use, inside the transaction that answers it. */
export async function countUse(tx: Db, { tenant, clientId, flow }: OldFlowUse, now: number): Promise<void> {
  await tx
    .insertInto('old_flow_uses')
    .values({ tenant, client_id: clientId, flow, uses: 1, first_at: now, last_at: now })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'client_id', 'flow'])
        .doUpdateSet((eb) => ({ uses: eb('old_flow_uses.uses', '+', 1), last_at: now })),
    )
    .execute()
}

/** How often each client of a tenant used which flow, most often first. */
export async function listOldFlowUses(db: Db, tenant: string): Promise<OldFlowUseRow[]> {
  return db
    .selectFrom('old_flow_uses')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('uses', 'desc')
    .orderBy('client_id')
    .execute()
}
