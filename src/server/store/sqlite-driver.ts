import type { DatabaseSync } from 'node:sqlite'
import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from 'kysely'
import { SqliteStatements } from './sqlite-statements.ts'
import { createTurns } from './sqlite-turns.ts'

/** Transactions that share one commit, at the most: the first of them waits for the last. */
const mostInGroup = 64

/** Transactions whose changes become durable together. */
interface Group {
  members: number
  readonly done: Promise<void>
  resolve(): void
  reject(error: unknown): void
}

/**
 * Kysely over `node:sqlite`. Writers take turns on one connection. A commit with `synchronous=FULL` waits for the disk,
 * and this process with it, so whoever writes in the same round of the event loop shares one: each runs in a savepoint of
 * its own, is undone alone when it fails, and hears of its success when the common commit is on disk. Readers have a
 * connection that sees only what is committed.
 */
export class SqliteDriver implements Driver {
  readonly #writer: SqliteStatements
  readonly #reader: SqliteStatements | undefined
  readonly #turns = createTurns()
  #group: Group | undefined

  constructor(writer: DatabaseSync, reader?: DatabaseSync) {
    this.#writer = new SqliteStatements(writer)
    this.#reader = reader && new SqliteStatements(reader)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new SqliteSession(this)
  }

  /** A session holds a turn for as long as a statement or a transaction lasts, and has given it up by now. */
  async releaseConnection(): Promise<void> {}

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await this.#turns.take()
    try {
      await this.#openGroup()
      this.#writer.run('savepoint member')
    } catch (error) {
      this.#turns.pass()
      throw error
    }
    asSession(connection).isInTransaction = true
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    this.#writer.run('release member')
    asSession(connection).isInTransaction = false
    await this.#leaveGroup()
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const session = asSession(connection)
    // The common commit failed: there is nothing left of this one to undo.
    if (!session.isInTransaction) return
    session.isInTransaction = false
    if (this.#writer.isTransaction) {
      this.#writer.run('rollback to member')
      this.#writer.run('release member')
    }
    // Whoever fails needs not wait for the others.
    this.#leaveGroup().catch(() => undefined)
  }

  async destroy(): Promise<void> {
    if (this.#group) this.#endGroup(this.#group)
    this.#reader?.close()
    this.#writer.close()
  }

  /** A statement in a transaction, or one alone. */
  async execute<R>(query: CompiledQuery, isInTransaction: boolean): Promise<QueryResult<R>> {
    if (isInTransaction) return this.#writer.execute<R>(query)
    const isRead = query.query.kind === 'SelectQueryNode'
    if (isRead && this.#reader) return this.#reader.execute<R>(query)
    await this.#turns.take()
    return isRead ? this.#read<R>(query) : this.#write<R>(query)
  }

  /** In memory there is one connection for all. */
  async #read<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      return await this.#writer.execute<R>(query)
    } finally {
      this.#turns.pass()
    }
  }

  async #write<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      await this.#openGroup()
    } catch (error) {
      this.#turns.pass()
      throw error
    }
    try {
      return this.#writer.run<R>(query.sql, query.parameters)
    } finally {
      await this.#leaveGroup()
    }
  }

  /** Begins the common transaction, unless the turn was passed on inside one. */
  async #openGroup(): Promise<void> {
    if (this.#group) return
    await this.#writer.execute(CompiledQuery.raw('begin immediate'))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    // Each member hears of a failure where it waits.
    promise.catch(() => undefined)
    const group = { members: 0, done: promise, resolve, reject }
    this.#group = group
    // By then everybody whose turn comes in this round has had it.
    setImmediate(() => this.#commitLater(group))
  }

  /** Passes the turn on inside the group. @returns when the changes are on disk */
  #leaveGroup(): Promise<void> {
    const group = this.#group
    if (!group) return Promise.reject(new Error('no transaction is open'))
    group.members += 1
    if (!this.#writer.isTransaction || group.members >= mostInGroup) this.#endGroup(group)
    this.#turns.pass()
    return group.done
  }

  async #commitLater(group: Group): Promise<void> {
    await this.#turns.take()
    if (this.#group === group) this.#endGroup(group)
    this.#turns.pass()
  }

  #endGroup(group: Group): void {
    this.#group = undefined
    try {
      // SQLite itself rolls back on a full disk or an i/o error; what came before is lost then too.
      if (!this.#writer.isTransaction) throw new Error('the database rolled the transaction back')
      this.#writer.run('commit')
      group.resolve()
    } catch (error) {
      if (this.#writer.isTransaction) this.#writer.run('rollback')
      group.reject(error)
    }
  }
}

/** What Kysely holds while it works: a name for whoever is in a transaction. */
class SqliteSession implements DatabaseConnection {
  readonly #driver: SqliteDriver
  isInTransaction = false

  constructor(driver: SqliteDriver) {
    this.#driver = driver
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#driver.execute<R>(query, this.isInTransaction)
  }

  // biome-ignore lint/correctness/useYield: Kysely's interface asks for a generator, and nothing here streams.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Streaming is not supported: ask for a page of rows instead')
  }
}

function asSession(connection: DatabaseConnection): SqliteSession {
  if (!(connection instanceof SqliteSession)) throw new Error('a connection of another driver')
  return connection
}
