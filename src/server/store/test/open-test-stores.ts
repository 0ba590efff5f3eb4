import { randomUUID } from 'node:crypto'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { openStore } from '../open-store.ts'
import type { Store } from '../store.ts'

/** Opens another store on the block's database; all are closed after it. */
export type OpenTestStore = () => Promise<Store>

interface TestDatabase {
  url: string
  remove(): Promise<void>
}

/**
 * Runs a block of tests on a SQLite file and on a real PostgreSQL, each with a database of its own.
 * `databaseUrl` names it, for tests that start a whole server.
 */
export function describeStores(block: (openTestStore: OpenTestStore, databaseUrl: () => string) => void): void {
  describe('on SQLite', () => withDatabase(createSqliteFile, block))
  describe('on PostgreSQL', () => withDatabase(createPostgresDatabase, block))
}

function withDatabase(create: () => Promise<TestDatabase>, block: Parameters<typeof describeStores>[0]): void {
  const opened: Store[] = []
  let database: TestDatabase | undefined
  const databaseUrl = () => {
    if (!database) throw new Error('the test database exists inside tests and hooks only')
    return database.url
  }
  beforeAll(async () => {
    database = await create()
  })
  afterAll(async () => {
    for (const store of opened) await store.close()
    await database?.remove()
  })
  block(async () => {
    const store = await openStore(databaseUrl())
    opened.push(store)
    return store
  }, databaseUrl)
}

/** A SQLite file in a folder of its own. */
export async function createSqliteFile(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-sqlite-'))
  return {
    url: `sqlite:${join(folder, 'portico.db')}`,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A fresh database on the run's PostgreSQL server. */
export async function createPostgresDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await onServer(`create database ${name}`)
  const url = new URL(inject('postgresUrl'))
  url.pathname = name
  return { url: url.href, remove: () => onServer(`drop database ${name} with (force)`) }
}

/** A SQLite file that begins as a copy of this one, which nobody may have open. */
export async function copySqliteFile(url: string): Promise<TestDatabase> {
  const copy = await createSqliteFile()
  await copyFile(url.slice('sqlite:'.length), copy.url.slice('sqlite:'.length))
  return copy
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client(inject('postgresUrl'))
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
