import type { Db } from '../store.ts'

/** Access tokens that were revoked by themselves. */
export async function revokedTokens(tx: Db): Promise<void> {
  await tx.schema
    .createTable('revoked_tokens')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('jti', 'text', (c) => c.notNull())
    .addColumn('forget_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('revoked_tokens_pk', ['tenant', 'jti'])
    .execute()
  await tx.schema.createIndex('revoked_tokens_by_end').on('revoked_tokens').columns(['tenant', 'forget_at']).execute()
}
