import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CompiledQuery, QueryResult } from 'kysely'

const busyDeadlineMs = 5_000
const keptStatements = 500

interface Prepared {
  statement: StatementSync
  hasRows: boolean
}

/** One connection of `node:sqlite` with its statements prepared once. */
export class SqliteStatements {
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, Prepared>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  get isTransaction(): boolean {
    return this.#database.isTransaction
  }

  /** Runs a statement, waiting while another process writes. */
  async execute<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const deadline = performance.now() + busyDeadlineMs
    for (;;) {
      try {
        return this.run<R>(sql, parameters)
      } catch (error) {
        // Waiting inside SQLite would stop this whole process, so most of it happens here.
        if (!isBusy(error) || performance.now() > deadline) throw error
        await sleep(5 + Math.random() * 20)
      }
    }
  }

  run<R>(sql: string, parameters: readonly unknown[] = []): QueryResult<R> {
    const { statement, hasRows } = this.#prepare(sql)
    const values = parameters as SqlValue[]
    // node:sqlite types rows as records of SQL values; Kysely has already typed them from the query.
    if (hasRows) return { rows: statement.all(...values) as R[] }
    return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql)
    if (known) return known
    if (this.#prepared.size >= keptStatements) this.#prepared.clear()
    const statement = this.#database.prepare(sql)
    const prepared = { statement, hasRows: statement.columns().length > 0 }
    this.#prepared.set(sql, prepared)
    return prepared
  }
}

type SqlValue = string | number | bigint | null | Uint8Array

/** SQLite's primary result code, if the error is one of SQLite's. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}

/** Another connection holds the lock this one needs. */
export function isBusy(error: unknown): boolean {
  const [busy, locked] = [5, 6]
  const code = sqliteCode(error)
  return code === busy || code === locked
}
