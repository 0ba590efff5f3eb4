import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, type SelectModifierNode, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { StartError } from '../start-error.ts'
import { SqliteDriver } from './sqlite-driver.ts'
import { isBusy, sqliteCode } from './sqlite-statements.ts'
import type { Tables } from './tables.ts'

const openDeadlineMs = 3_000

/** Opens `sqlite:<path>` (relative to the working directory) or `sqlite::memory:`, making the folder if need be. */
export async function openSqlite(url: string): Promise<Kysely<Tables>> {
  const path = url.slice('sqlite:'.length)
  if (path === '') throw new StartError('The database address has no file name: write "sqlite:data/portico.db".')
  const isFile = path !== ':memory:'
  const writer = isFile ? await openFile(resolve(path)) : openConfigured(path)
  const reader = isFile ? new DatabaseSync(resolve(path), { readOnly: true, timeout: 50 }) : undefined
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new SqliteDriver(writer, reader),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new QueryCompiler(),
    },
  })
}

/** SQLite has no locks on rows, nor the words for them: a transaction of ours holds every lock. */
class QueryCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier !== 'ForShare') super.visitSelectModifier(node)
  }
}

async function openFile(file: string): Promise<DatabaseSync> {
  makeFolder(dirname(file))
  const deadline = performance.now() + openDeadlineMs
  for (;;) {
    try {
      return openConfigured(file)
    } catch (error) {
      // A neighbour that starts at the same moment holds the file only for an instant.
      if (!isBusy(error) || performance.now() > deadline) throw startErrorFor(error, file) ?? error
      await sleep(25)
    }
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    const advice = 'make it writable for this user, or set DATABASE_URL to another place'
    throw new StartError(`The folder ${folder} can't be created: ${advice}.`, { cause: error })
  }
}

function openConfigured(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 50 })
  try {
    configure(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function configure(database: DatabaseSync): void {
  database.exec('pragma journal_mode = wal')
  database.exec('pragma synchronous = full')
  database.exec('pragma foreign_keys = on')
  // Rows that expired must not stay readable in free pages of the file.
  database.exec('pragma secure_delete = on')
  // A file that can be read but not written is found out now rather than at the first sign-in.
  database.exec('begin immediate; commit')
}

/** What a SQLite error at start means for the person who started the server. */
export function startErrorFor(error: unknown, file: string): StartError | undefined {
  const sentence = sentences.get(sqliteCode(error) ?? -1)
  return sentence === undefined ? undefined : new StartError(sentence(file), { cause: error })
}

const sentences = new Map<number, (file: string) => string>([
  [5, (file) => `The database ${file} is locked by another program: stop that program, then start again.`],
  [6, (file) => `The database ${file} is locked by another program: stop that program, then start again.`],
  [8, (file) => `The database ${file} can't be written: make the file and its folder writable for this user.`],
  [10, (file) => `The database ${file} can't be read or written by the disk: check the disk, or restore a backup.`],
  [11, (file) => `The database ${file} is damaged: restore a backup, or move the file away to start empty.`],
  [13, (file) => `The disk that holds ${file} is full: free some space, then start again.`],
  [
    14,
    (file) => `The database ${file} can't be opened: make its folder writable, or set DATABASE_URL to another place.`,
  ],
  [26, (file) => `The file ${file} is not a database: move it away, or set DATABASE_URL to another file.`],
])
