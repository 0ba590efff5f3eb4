import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { StartError } from '../start-error.ts'
import { upsertRecord } from './engine-records.ts'
import { insertFamily } from './families.ts'
import { openStore } from './open-store.ts'
import { consumeRefreshToken, insertRefreshToken } from './refresh-tokens.ts'
import { startErrorFor as sqliteStartError } from './sqlite.ts'
import { aFamily, aRecord, aRefreshToken, aUse, aUser, now } from './test/builders.ts'
import { createPostgresDatabase, describeStores } from './test/open-test-stores.ts'
import { isUnavailable } from './unavailable.ts'
import { findUserById, insertUser } from './users.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portico-open-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const inFolder = (name: string) => join(folder, name)
async function startError(url: string): Promise<string> {
  const error = await openStore(url).then(
    (store) => store.close(),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(StartError)
  return (error as StartError).message
}

describeStores((openTestStore) => {
  test('several nodes may start at once on an empty database', async () => {
    const stores = await Promise.all([openTestStore(), openTestStore(), openTestStore()])
    for (const store of stores) await store.checkReady()
  })

  test('a database that a newer version made is refused', async () => {
    const store = await openTestStore()
    await sql`insert into portico_migrations (name) values ('9999-future')`.execute(store.db)
    await expect(openTestStore()).rejects.toThrow(/newer version of Portico/)
    await sql`delete from portico_migrations where name = '9999-future'`.execute(store.db)
  })
})

describe('a SQLite file', () => {
  test('keeps its data when it is opened again, in a folder made for it', async () => {
    const url = `sqlite:${inFolder('deep/er/portico.db')}`
    const user = aUser()
    const first = await openStore(url)
    await insertUser(first.db, user, [user.username])
    await first.close()
    const second = await openStore(url)
    expect(await findUserById(second.db, user.tenant, user.id)).toEqual(user)
    await second.close()
  })

  test('is durable at every commit and shared with other processes', async () => {
    const store = await openStore(`sqlite:${inFolder('pragmas.db')}`)
    const pragma = async (name: string) =>
      Object.values((await sql.raw(`pragma ${name}`).execute(store.db)).rows[0] ?? {})[0]
    expect(await pragma('journal_mode')).toBe('wal')
    expect(await pragma('synchronous')).toBe(2)
    expect(await pragma('foreign_keys')).toBe(1)
    await store.close()
  })

  test('holds no id or token that somebody who reads it could use', async () => {
    const file = inFolder('secrets.db')
    const store = await openStore(`sqlite:${file}`)
    const record = aRecord({ uid: randomUUID(), grantId: randomUUID() })
    const family = aFamily()
    const token = aRefreshToken({ familyId: family.id })
    const successor = randomUUID()
    await upsertRecord(store.db, record)
    await insertFamily(store.db, family)
    await insertRefreshToken(store.db, token)
    await consumeRefreshToken(store.db, aUse(token, { successor }))
    const bytes = await Promise.all(
      [file, `${file}-wal`].filter((path) => existsSync(path)).map((path) => readFile(path)),
    )
    const content = Buffer.concat(bytes)
    expect(content.includes(family.id)).toBe(true)
    for (const plain of [record.id, record.uid, record.grantId, family.sessionUid, token.token, successor]) {
      expect(content.includes(plain ?? '')).toBe(false)
    }
    await store.close()
  })

  test('that is no database is named, and left as it is', async () => {
    const file = inFolder('letter.txt')
    await writeFile(file, 'Dear Ada, '.repeat(500))
    expect(await startError(`sqlite:${file}`)).toMatch(/letter\.txt is not a database: move it away/)
    expect(await readFile(file, 'utf8')).toMatch(/^Dear Ada/)
  })

  test('in a folder that cannot be made says so', async () => {
    await writeFile(inFolder('a-file'), '')
    expect(await startError(`sqlite:${inFolder('a-file/portico.db')}`)).toMatch(/folder .*a-file can't be created/)
  })

  test('that another program holds says so', async () => {
    const file = inFolder('locked.db')
    const other = new DatabaseSync(file)
    other.exec('begin exclusive')
    onTestFinished(() => other.close())
    expect(await startError(`sqlite:${file}`)).toMatch(/locked by another program: stop that program/)
  })

  test('that may only be read says so', async () => {
    const file = inFolder('read-only.db')
    await (await openStore(`sqlite:${file}`)).close()
    const reader = new DatabaseSync(file, { readOnly: true })
    onTestFinished(() => reader.close())
    expect(() => reader.exec('create table t (a)')).toThrow(
      expect.toSatisfy((error) => /read-only\.db can't be written/.test(sqliteStartError(error, file)?.message ?? '')),
    )
  })

  test('without a name is refused', async () => {
    expect(await startError('sqlite:')).toMatch(/no file name/)
  })
})

describe('a PostgreSQL address', () => {
  const changed = (change: (url: URL) => void) => {
    const url = new URL(inject('postgresUrl'))
    change(url)
    return url.href
  }

  test('nobody listens at is named without the password', async () => {
    const message = await startError('postgres://portico:hunter2@127.0.0.1:1/portico')
    expect(message).toMatch(/PostgreSQL at 127\.0\.0\.1:1 can't be reached/)
    expect(message).not.toContain('hunter2')
  })

  test('with a wrong password says whose', async () => {
    const message = await startError(changed((url) => (url.password = 'hunter2')))
    expect(message).toMatch(/refuses the user "portico"/)
    expect(message).not.toContain('hunter2')
  })

  test('of a database that does not exist says which', async () => {
    expect(await startError(changed((url) => (url.pathname = 'nowhere')))).toMatch(/has no database "nowhere"/)
  })

  test('of a database the user may not change says so', async () => {
    const { url, remove } = await createPostgresDatabase()
    onTestFinished(remove)
    const owner = await openStore(url)
    await sql`create role guest_reader login password 'guest_reader'`.execute(owner.db)
    onTestFinished(() => sql`drop role guest_reader`.execute(owner.db).then(() => owner.close()))
    await sql`drop table portico_migrations`.execute(owner.db)
    const asReader = new URL(url)
    asReader.username = asReader.password = 'guest_reader'
    expect(await startError(asReader.href)).toMatch(/"guest_reader" may not create tables/)
  })

  test('is connected to again after the server cut the connections', async () => {
    const { url, remove } = await createPostgresDatabase()
    const [store, neighbour] = [await openStore(url), await openStore(url)]
    onTestFinished(() => Promise.all([store.close(), neighbour.close()]).then(remove))
    await neighbour.checkReady()
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(store.db)
    await expect.poll(() => neighbour.checkReady().then(() => 'ready')).toBe('ready')
  })

  test('that cuts a connection in the middle of a transaction undoes that, and the next one works', async () => {
    const { url, remove } = await createPostgresDatabase()
    const [store, neighbour] = [await openStore(url), await openStore(url)]
    onTestFinished(() => Promise.all([store.close(), neighbour.close()]).then(remove))
    const user = aUser()
    const cut = store.transaction(async (tx) => {
      await insertUser(tx, user, [user.username])
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`.execute(neighbour.db)
      await sleep(50)
      await insertUser(tx, aUser(), ['another'])
    })
    await expect(cut).rejects.toSatisfy(isUnavailable)
    expect(await store.transaction((tx) => insertUser(tx, user, [user.username]))).toBe(true)
  })

  test('gives times back as numbers', async () => {
    const { url, remove } = await createPostgresDatabase()
    const store = await openStore(url)
    onTestFinished(() => store.close().then(remove))
    const { rows } = await sql<{ at: number }>`select ${now}::int8 as at`.execute(store.db)
    expect(rows).toEqual([{ at: now }])
  })
})

test('an address of another kind is refused', async () => {
  expect(await startError('mysql://localhost/portico')).toMatch(/write "sqlite:data\/portico\.db" or "postgres:/)
  expect(await startError('postgres://')).toMatch(/PostgreSQL|not understood/)
})
