import type { Db } from '../store.ts'

/** What guests leave behind, the events on their way out, and how often somebody asked. */
export async function guests(tx: Db): Promise<void> {
  await ends(tx)
  await outbox(tx)
  await rateBuckets(tx)
}

async function ends(tx: Db): Promise<void> {
  await tx.schema
    .createTable('ended_guests')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('session_hash', 'text', (c) => c.notNull())
    .addColumn('guest_sub', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('ended_at', 'bigint', (c) => c.notNull())
    .addColumn('forget_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('ended_guests_pk', ['tenant', 'session_hash'])
    .execute()
  await tx.schema.createIndex('ended_guests_by_end').on('ended_guests').column('forget_at').execute()
  // What the revocation list asks: who ended a short while ago.
  await tx.schema.createIndex('ended_guests_lately').on('ended_guests').columns(['tenant', 'ended_at']).execute()
  await tx.schema.createIndex('families_ended_lately').on('families').columns(['tenant', 'ended_at']).execute()
  await tx.schema
    .createTable('guest_upgrades')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('family_id', 'text', (c) => c.notNull())
    .addColumn('guest_sub', 'text', (c) => c.notNull())
    .addColumn('member_sub', 'text', (c) => c.notNull())
    .addColumn('client_id', 'text', (c) => c.notNull())
    .addColumn('tracking_id', 'text')
    .addColumn('event_id', 'text', (c) => c.notNull())
    .addColumn('upgraded_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('guest_upgrades_pk', ['tenant', 'session_id'])
    .addForeignKeyConstraint('guest_upgrades_family', ['tenant', 'family_id'], 'families', ['tenant', 'id'], (c) =>
      c.onDelete('cascade'),
    )
    .execute()
  await tx.schema
    .createIndex('guest_upgrades_by_family')
    .on('guest_upgrades')
    .columns(['tenant', 'family_id'])
    .execute()
}

async function outbox(tx: Db): Promise<void> {
  await tx.schema
    .createTable('outbox')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('event_id', 'text', (c) => c.notNull())
    .addColumn('receiver', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('refusals', 'integer', (c) => c.notNull())
    .addColumn('next_attempt_at', 'bigint', (c) => c.notNull())
    .addColumn('claimed_until', 'bigint')
    .addColumn('delivered_at', 'bigint')
    .addColumn('last_error', 'text')
    .execute()
  await tx.schema.createIndex('outbox_by_due').on('outbox').columns(['delivered_at', 'next_attempt_at']).execute()
  await tx.schema.createIndex('outbox_by_event').on('outbox').columns(['tenant', 'event_id']).execute()
}

async function rateBuckets(tx: Db): Promise<void> {
  await tx.schema
    .createTable('rate_buckets')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('tokens', 'double precision', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('full_at', 'bigint', (c) => c.notNull())
    .execute()
  await tx.schema.createIndex('rate_buckets_by_end').on('rate_buckets').column('full_at').execute()
}
