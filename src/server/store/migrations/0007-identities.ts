import type { Db } from '../store.ts'

/** Who people are at the providers they sign in through. */
export async function identities(tx: Db): Promise<void> {
  await tx.schema
    .createTable('identities')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('linked_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('identities_pk', ['tenant', 'issuer', 'subject'])
    .addForeignKeyConstraint('identities_user', ['tenant', 'user_id'], 'users', ['tenant', 'id'], (c) =>
      c.onDelete('cascade'),
    )
    .execute()
  await tx.schema.createIndex('identities_by_user').on('identities').columns(['tenant', 'user_id']).execute()
}
