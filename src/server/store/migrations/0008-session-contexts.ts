import type { Db } from '../store.ts'

/** What an older API keeps about sessions. */
export async function sessionContexts(tx: Db): Promise<void> {
  await tx.schema
    .createTable('session_contexts')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('session_hash', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('values_json', 'text', (c) => c.notNull())
    .addColumn('forget_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('session_contexts_pk', ['tenant', 'session_hash'])
    .execute()
  await tx.schema.createIndex('session_contexts_by_end').on('session_contexts').columns(['forget_at']).execute()
}
