import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { openPostgres } from './postgres.ts'
import { isUnavailable } from './unavailable.ts'

const failureOf = (work: () => Promise<unknown>) =>
  work().then(
    () => undefined,
    (error: unknown) => error,
  )

test('a database that cannot be reached is unavailable', async () => {
  const db = openPostgres('postgres://portico:portico@127.0.0.1:1/portico')
  onTestFinished(() => db.destroy())
  expect(isUnavailable(await failureOf(() => db.selectFrom('users').selectAll().execute()))).toBe(true)
})

test('a file that somebody else holds is unavailable', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portico-busy-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const [holder, other] = ['a.db', 'a.db'].map((name) => new DatabaseSync(join(folder, name)))
  holder?.exec('begin exclusive')
  const busy = await failureOf(async () => other?.exec('create table t (a)'))
  expect(isUnavailable(busy)).toBe(true)
  expect(isUnavailable(new Error('wrapped', { cause: busy }))).toBe(true)
  for (const database of [holder, other]) database?.close()
})

test('a broken rule or a mistake in a query is not', async () => {
  const database = new DatabaseSync(':memory:')
  onTestFinished(() => database.close())
  expect(isUnavailable(await failureOf(async () => database.exec('selekt 1')))).toBe(false)
  expect(isUnavailable(Object.assign(new Error('duplicate key'), { code: '23505' }))).toBe(false)
  expect(isUnavailable(undefined)).toBe(false)
})
