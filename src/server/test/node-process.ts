import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openStore } from '../store/open-store.ts'
import type { NodeMessage, NodeOrders } from './start-nodes.ts'
import { stepping } from './stepping-store.ts'
import { startTestApp } from './test-app.ts'
import { aConfig } from './test-config.ts'

// A process of its own with one node for each order, every one on its database and its port.
const tell = (message: NodeMessage) => process.send?.(message)
const orders: NodeOrders[] = JSON.parse(process.argv[2] ?? '[]')
const ports: number[] = []
for (const [node, order] of orders.entries()) ports.push(await startNode(node, order))
tell({ ports })
// Nobody is left to kill it.
process.once('disconnect', () => process.exit())

async function startNode(node: number, { databaseUrl, tenant = {}, haltAfter }: NodeOrders): Promise<number> {
  const store = stepping(await openStore(databaseUrl), async (step) => {
    if (step !== haltAfter) return
    tell({ halted: node })
    await new Promise(() => {})
  })
  const app = await startTestApp({ store, config: aConfig({ tenant }) })
  const server = createServer((request, response) => store.run(() => app.server.routing(request, response)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
