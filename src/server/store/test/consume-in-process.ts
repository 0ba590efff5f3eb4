import { consumeRecord } from '../engine-records.ts'
import { openStore } from '../open-store.ts'

// A node of its own: tries to consume each record, and prints those it won.
const [url = '', now = '', ...ids] = process.argv.slice(2)
const store = await openStore(url)
const won = await Promise.all(
  ids.map(async (id) => {
    const isFirst = await consumeRecord(store.db, { tenant: 'demo', model: 'AuthorizationCode', id }, Number(now))
    return isFirst ? [id] : []
  }),
)
await store.close()
process.stdout.write(JSON.stringify(won.flat()))
