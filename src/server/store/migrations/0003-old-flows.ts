import type { Db } from '../store.ts'

/** How often apps still use the flows they should leave behind. */
export async function oldFlows(tx: Db): Promise<void> {
  await tx.schema
    .createTable('old_flow_uses')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('client_id', 'text', (c) => c.notNull())
    .addColumn('flow', 'text', (c) => c.notNull())
    .addColumn('uses', 'bigint', (c) => c.notNull())
    .addColumn('first_at', 'bigint', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('old_flow_uses_pk', ['tenant', 'client_id', 'flow'])
    .execute()
}
