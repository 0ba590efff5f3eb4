import { openStore } from '../../store/open-store.ts'
import { postToEndpoint } from '../../test/flows.ts'
import { startTestApp } from '../../test/test-app.ts'
import { aConfig } from '../../test/test-config.ts'
import { mortal } from './mortal-store.ts'

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
const store = mortal(await openStore(orders.databaseUrl))
const app = await startTestApp({ store, config: aConfig({ tenant: { webhooks: orders.webhooks } }) })
store.dieAt(orders.dieAt)
const { status } = await postToEndpoint(app, 'token', orders.form, { proof: orders.proof })
process.stdout.write(JSON.stringify({ status, points: store.pointsReached() }))
await app.close()
await store.close()
