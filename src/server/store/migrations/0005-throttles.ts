import type { Db } from '../store.ts'

/** How much of each limit on guessing is used up, one-time passwords, and the audit by age, so that what is too old can go. */
export async function throttles(tx: Db): Promise<void> {
  await tx.schema
    .createTable('throttles')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('points', 'integer', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await tx.schema.createIndex('throttles_by_end').on('throttles').column('expires_at').execute()
  await tx.schema.createIndex('audit_by_age').on('audit').column('at').execute()
  await tx.schema
    .createTable('one_time_passwords')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('client_id', 'text', (c) => c.notNull())
    .addColumn('password_hash', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('tries_left', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('one_time_passwords_pk', ['tenant', 'user_id'])
    .addForeignKeyConstraint('one_time_passwords_user', ['tenant', 'user_id'], 'users', ['tenant', 'id'], (c) =>
      c.onDelete('cascade'),
    )
    .execute()
  await tx.schema.createIndex('one_time_passwords_by_end').on('one_time_passwords').column('expires_at').execute()
}
