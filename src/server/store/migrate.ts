import { sql } from 'kysely'
import { StartError } from '../start-error.ts'
import { migrations } from './migrations/index.ts'
import type { Db, Store } from './store.ts'

/** Applies what is missing, in one transaction that no other node runs at the same time. */
export async function migrate(store: Pick<Store, 'exclusive'>): Promise<void> {
  await store.exclusive('migrations', async (tx) => {
    await sql`create table if not exists portico_migrations (name text primary key)`.execute(tx)
    const applied = await appliedNames(tx)
    checkNotNewer(applied)
    for (const [name, apply] of Object.entries(migrations)) {
      if (applied.has(name)) continue
      await apply(tx)
      await sql`insert into portico_migrations (name) values (${name})`.execute(tx)
    }
  })
}

async function appliedNames(tx: Db): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`select name from portico_migrations`.execute(tx)
  return new Set(rows.map((row) => row.name))
}

function checkNotNewer(applied: Set<string>): void {
  const unknown = [...applied].filter((name) => !(name in migrations))
  if (unknown.length === 0) return
  throw new StartError(
    'The database was made by a newer version of Portico: start that version, or point DATABASE_URL at another database.',
  )
}
