import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { upsertRecord } from './engine-records.ts'
import { aRecord, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('./test/consume-in-process.ts', import.meta.url))

describeStores((openTestStore, databaseUrl) => {
  test('processes that race for the same records share them out, each to one', async () => {
    const store = await openTestStore()
    const records = Array.from({ length: 100 }, () => aRecord())
    for (const record of records) await upsertRecord(store.db, record)
    const ids = records.map(({ id }) => id)
    const nodes = [1, 2].map(() => run(process.execPath, [program, databaseUrl(), String(now), ...ids]))
    const won = (await Promise.all(nodes)).flatMap(({ stdout }) => JSON.parse(stdout) as string[])
    expect(won.toSorted()).toEqual(ids.toSorted())
  })

  test('a start during a long write waits for it', async () => {
    const store = await openTestStore()
    const { promise: mayFinish, resolve: finish } = Promise.withResolvers<void>()
    const writing = store.transaction(async (tx) => {
      await upsertRecord(tx, aRecord())
      await mayFinish
    })
    setTimeout(finish, 300)
    await (await openTestStore()).checkReady()
    await writing
  })

  test('a neighbour that stops leaves the others running', async () => {
    const [store, neighbour] = [await openTestStore(), await openTestStore()]
    await neighbour.close()
    await store.checkReady()
  })
})
