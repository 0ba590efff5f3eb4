import { openStore } from '../../store/open-store.ts'
import { postToEndpoint } from '../../test/flows.ts'
import { stepping } from '../../test/stepping-store.ts'
import { startTestApp } from '../../test/test-app.ts'
import { aConfig } from '../../test/test-config.ts'

/** What a node that is about to die is told. */
export interface LastOrders {
  databaseUrl: string
  webhooks: object[]
  /** The token request, and the proof that goes with it. */
  form: Record<string, string>
  proof: string
  dieAt: number
}

// A node of its own: redeems a code and is killed on the way. If it lives, it says what it answered and how far it came.
const orders: LastOrders = JSON.parse(process.argv[2] ?? '')
let points = 0
const store = stepping(await openStore(orders.databaseUrl), (step) => {
  points = step
  // No handler, no farewell: as if the power had failed.
  if (step === orders.dieAt) process.kill(process.pid, 'SIGKILL')
})
const app = await startTestApp({ store, config: aConfig({ tenant: { webhooks: orders.webhooks } }) })
const { status } = await store.run(() => postToEndpoint(app, 'token', orders.form, { proof: orders.proof }))
process.stdout.write(JSON.stringify({ status, points }))
await app.close()
await store.close()
