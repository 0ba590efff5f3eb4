import type { Db } from '../store.ts'

/** People, consent, logins and what the protocol engine keeps. `bigint` holds epoch milliseconds. */
export async function first(tx: Db): Promise<void> {
  await people(tx)
  await logins(tx)
  await engine(tx)
  await keysAndAudit(tx)
}

async function people(tx: Db): Promise<void> {
  await tx.schema
    .createTable('users')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('email', 'text')
    .addColumn('email_verified', 'integer', (c) => c.notNull())
    .addColumn('name', 'text')
    .addColumn('password_hash', 'text')
    .addColumn('roles', 'text', (c) => c.notNull())
    .addColumn('member_id', 'bigint')
    .addColumn('sso_id', 'text')
    .addColumn('legal_entities', 'text', (c) => c.notNull())
    .addColumn('guest_template', 'integer', (c) => c.notNull())
    .addColumn('disabled_at', 'bigint')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('users_pk', ['tenant', 'id'])
    .addUniqueConstraint('users_member_id', ['tenant', 'member_id'])
    .addUniqueConstraint('users_sso_id', ['tenant', 'sso_id'])
    .execute()
  await tx.schema
    .createTable('user_names')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('name_key', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('user_names_pk', ['tenant', 'name_key'])
    .addForeignKeyConstraint('user_names_user', ['tenant', 'user_id'], 'users', ['tenant', 'id'], (c) =>
      c.onDelete('cascade'),
    )
    .execute()
  await tx.schema.createIndex('user_names_by_user').on('user_names').columns(['tenant', 'user_id']).execute()
  await tx.schema
    .createTable('consents')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('client_id', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('granted_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('consents_pk', ['tenant', 'user_id', 'client_id'])
    .addForeignKeyConstraint('consents_user', ['tenant', 'user_id'], 'users', ['tenant', 'id'], (c) =>
      c.onDelete('cascade'),
    )
    .execute()
}

async function logins(tx: Db): Promise<void> {
  await tx.schema
    .createTable('families')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('client_id', 'text', (c) => c.notNull())
    .addColumn('session_hash', 'text')
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('authentication', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('absolute_end', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('end_reason', 'text')
    .addPrimaryKeyConstraint('families_pk', ['tenant', 'id'])
    .execute()
  await tx.schema.createIndex('families_by_session').on('families').columns(['tenant', 'session_hash']).execute()
  await tx.schema.createIndex('families_by_user').on('families').columns(['tenant', 'user_id']).execute()
  await tx.schema.createIndex('families_by_end').on('families').column('absolute_end').execute()
  await tx.schema
    .createTable('refresh_tokens')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('token_hash', 'text', (c) => c.notNull())
    .addColumn('family_id', 'text', (c) => c.notNull())
    .addColumn('jkt', 'text')
    .addColumn('issued_at', 'bigint', (c) => c.notNull())
    .addColumn('idle_end', 'bigint', (c) => c.notNull())
    .addColumn('consumed_at', 'bigint')
    .addColumn('successor_hash', 'text')
    .addColumn('sealed_successor', 'text')
    .addPrimaryKeyConstraint('refresh_tokens_pk', ['tenant', 'token_hash'])
    .addForeignKeyConstraint('refresh_tokens_family', ['tenant', 'family_id'], 'families', ['tenant', 'id'], (c) =>
      c.onDelete('cascade'),
    )
    .execute()
  await tx.schema
    .createIndex('refresh_tokens_by_family')
    .on('refresh_tokens')
    .columns(['tenant', 'family_id'])
    .execute()
  await tx.schema.createIndex('refresh_tokens_by_end').on('refresh_tokens').column('idle_end').execute()
}

async function engine(tx: Db): Promise<void> {
  await tx.schema
    .createTable('engine_records')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('id_hash', 'text', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('grant_hash', 'text')
    .addColumn('uid_hash', 'text')
    .addColumn('expires_at', 'bigint')
    .addColumn('consumed_at', 'bigint')
    .addPrimaryKeyConstraint('engine_records_pk', ['tenant', 'model', 'id_hash'])
    .execute()
  await tx.schema
    .createIndex('engine_records_by_grant')
    .on('engine_records')
    .columns(['tenant', 'grant_hash'])
    .execute()
  await tx.schema.createIndex('engine_records_by_uid').on('engine_records').columns(['tenant', 'uid_hash']).execute()
  await tx.schema.createIndex('engine_records_by_end').on('engine_records').column('expires_at').execute()
}

async function keysAndAudit(tx: Db): Promise<void> {
  await tx.schema
    .createTable('tenant_keys')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('kid', 'text', (c) => c.notNull())
    .addColumn('alg', 'text', (c) => c.notNull())
    .addColumn('sealed_jwk', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('tenant_keys_pk', ['tenant', 'kid'])
    .execute()
  await tx.schema
    .createTable('audit')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('tenant', 'text')
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('event', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text')
    .addColumn('client_id', 'text')
    .addColumn('ip', 'text')
    .addColumn('request_id', 'text')
    .addColumn('detail', 'text', (c) => c.notNull())
    .execute()
  await tx.schema.createIndex('audit_by_time').on('audit').columns(['tenant', 'at']).execute()
}
