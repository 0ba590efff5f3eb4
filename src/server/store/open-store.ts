import { sql } from 'kysely'
import { StartError } from '../start-error.ts'
import { migrate } from './migrate.ts'
import { openPostgres, startErrorFor as postgresStartError } from './postgres.ts'
import { openSqlite, startErrorFor as sqliteStartError } from './sqlite.ts'
import type { Db, Store } from './store.ts'
import { createTransactions } from './transactions.ts'

interface Database {
  root: Db
  /** Inside a transaction: waits until no other node holds this name. */
  takeLock(tx: Db, name: string): Promise<void>
  startErrorFor(error: unknown): StartError | undefined
}

/** Opens the database at `url` and brings its tables up to date. @throws StartError that says what to do */
export async function openStore(url: string): Promise<Store> {
  const database = await openDatabase(url)
  const store = createStore(database)
  try {
    await migrate(store)
    return store
  } catch (error) {
    await store.close()
    throw database.startErrorFor(error) ?? error
  }
}

async function openDatabase(url: string): Promise<Database> {
  if (url.startsWith('sqlite:')) return sqlite(url)
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return postgres(url)
  throw new StartError(
    'The database address is not understood: write "sqlite:data/portico.db" or "postgres://user:password@host/name".',
  )
}

async function sqlite(url: string): Promise<Database> {
  return {
    root: await openSqlite(url),
    // The write lock, taken at `begin immediate`, already keeps everybody else out.
    takeLock: async () => {},
    startErrorFor: (error) => sqliteStartError(error, url.slice('sqlite:'.length)),
  }
}

function postgres(url: string): Database {
  return {
    root: openPostgres(url),
    takeLock: async (tx, name) => {
      await sql`set local lock_timeout = '60s'`.execute(tx)
      await sql`set local statement_timeout = '60s'`.execute(tx)
      await sql`select pg_advisory_xact_lock(hashtextextended(${`portico:${name}`}, 0))`.execute(tx)
    },
    startErrorFor: (error) => postgresStartError(error, url),
  }
}

function createStore({ root, takeLock }: Database): Store {
  const { current, transaction } = createTransactions(root)
  return {
    get db() {
      return current()
    },
    transaction,
    exclusive: (name, work) =>
      transaction(async (tx) => {
        await takeLock(tx, name)
        return work(tx)
      }),
    checkReady: async () => {
      await root.selectFrom('tenant_keys').select('kid').limit(1).execute()
    },
    close: () => root.destroy(),
  }
}
