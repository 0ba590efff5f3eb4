import type { Db } from '../store.ts'

/** Which sessions a person has, and which apps have to hear when a login ends. */
export async function signOut(tx: Db): Promise<void> {
  await sessionsByPerson(tx)
  await tx.schema
    .createTable('logout_listeners')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('sid', 'text', (c) => c.notNull())
    .addColumn('client_id', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('session_hash', 'text')
    .addColumn('forget_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('logout_listeners_pk', ['tenant', 'sid'])
    .execute()
  await tx.schema
    .createIndex('logout_listeners_by_session')
    .on('logout_listeners')
    .columns(['tenant', 'session_hash'])
    .execute()
  await tx.schema
    .createIndex('logout_listeners_by_user')
    .on('logout_listeners')
    .columns(['tenant', 'user_id'])
    .execute()
  await tx.schema.createIndex('logout_listeners_by_end').on('logout_listeners').column('forget_at').execute()
}

async function sessionsByPerson(tx: Db): Promise<void> {
  await tx.schema.alterTable('engine_records').addColumn('user_id', 'text').execute()
  const sessions = await tx
    .selectFrom('engine_records')
    .select(['tenant', 'id_hash', 'payload'])
    .where('model', '=', 'Session')
    .execute()
  for (const { tenant, id_hash, payload } of sessions) {
    await tx
      .updateTable('engine_records')
      .set({ user_id: JSON.parse(payload).accountId ?? null })
      .where('tenant', '=', tenant)
      .where('model', '=', 'Session')
      .where('id_hash', '=', id_hash)
      .execute()
  }
  await tx.schema
    .createIndex('engine_records_by_user')
    .on('engine_records')
    .columns(['tenant', 'user_id'])
    .where('user_id', 'is not', null)
    .execute()
}
