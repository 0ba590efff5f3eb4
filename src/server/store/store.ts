import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/** What repositories work on: the database, or a running transaction. */
export type Db = Kysely<Tables>

export interface Store {
  /** The transaction running in this asynchronous context, else the database: never a second connection inside one. */
  readonly db: Db
  /**
   * Runs `work` in one transaction; inside another one it joins that, and an error then undoes both.
   * PostgreSQL may ask for a repeat, so `work` does nothing but talk to the database.
   */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>
  /** A transaction that no other node runs at the same time under this name. */
  exclusive<T>(name: string, work: (tx: Db) => Promise<T>): Promise<T>
  /** Rejects when the database can't answer. */
  checkReady(): Promise<void>
  close(): Promise<void>
}
