import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SqliteDriver } from './sqlite-driver.ts'

describe('writers that queue on SQLite', () => {
  let folder: string
  let writer: DatabaseSync
  let commits: number
  let failCommits: boolean
  let db: Kysely<{ notes: { id: number; text: string } }>

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'portico-driver-'))
    const file = join(folder, 'notes.db')
    writer = new DatabaseSync(file)
    writer.exec('pragma journal_mode = wal; create table notes (id integer primary key, text text not null)')
    commits = 0
    failCommits = false
    countCommits()
    const reader = new DatabaseSync(file, { readOnly: true })
    db = new Kysely({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new SqliteDriver(writer, reader),
        createIntrospector: (kysely) => new SqliteIntrospector(kysely),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    })
  })
  afterEach(async () => {
    await db.destroy()
    rmSync(folder, { recursive: true })
  })

  /** The disk, as far as the driver can see it. */
  function countCommits(): void {
    const prepare = writer.prepare.bind(writer)
    writer.prepare = (sql) => {
      const statement = prepare(sql)
      if (sql !== 'commit') return statement
      const run = statement.run.bind(statement)
      statement.run = () => {
        commits += 1
        if (failCommits) throw new Error('disk full')
        return run()
      }
      return statement
    }
  }

  const add = (id: number) =>
    db.transaction().execute(async (tx) => {
      await tx.insertInto('notes').values({ id, text: 'first' }).execute()
      await tx.updateTable('notes').set({ text: 'second' }).where('id', '=', id).execute()
    })
  const ids = async () => (await db.selectFrom('notes').select('id').orderBy('id').execute()).map(({ id }) => id)

  it('share one commit', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, id) => add(id)))
    expect(await ids()).toHaveLength(20)
    expect(commits).toBeLessThanOrEqual(2)
  })

  it('share it with single statements', async () => {
    const single = (id: number) => db.insertInto('notes').values({ id, text: 'alone' }).execute()
    await Promise.all(Array.from({ length: 20 }, (_, id) => (id % 2 ? add(id) : single(id))))
    expect(await ids()).toHaveLength(20)
    expect(commits).toBeLessThanOrEqual(2)
  })

  it('are undone alone: one that fails takes nobody along', async () => {
    const failing = db.transaction().execute(async (tx) => {
      await tx.insertInto('notes').values({ id: 99, text: 'never' }).execute()
      throw new Error('changed my mind')
    })
    const results = await Promise.allSettled([add(1), failing, add(2), add(1), add(3)])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'])
    expect(await ids()).toEqual([1, 2, 3])
  })

  it('hear of a commit that failed, every one of them, and nothing is kept', async () => {
    failCommits = true
    const results = await Promise.allSettled([add(1), add(2), add(3)])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    failCommits = false
    expect(await ids()).toEqual([])
    await add(4)
    expect(await ids()).toEqual([4])
  })

  it('are not seen by readers before their changes are on disk', async () => {
    let seen: number[] = []
    await db.transaction().execute(async (tx) => {
      await tx.insertInto('notes').values({ id: 1, text: 'soon' }).execute()
      seen = await ids()
    })
    expect(seen).toEqual([])
    expect(await ids()).toEqual([1])
  })
})
