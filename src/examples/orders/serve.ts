/** Runs Orders: `node src/examples/orders/serve.ts`, with CLIENT_SECRET, and PORT, HOST, ISSUER and CATALOG where they differ. */
import { startOrders } from './server.ts'

const { PORT, HOST, ISSUER, CATALOG, CLIENT_SECRET } = process.env

try {
  if (!CLIENT_SECRET) throw new Error('Set CLIENT_SECRET to the secret that the portal knows this app by.')
  const orders = await startOrders({
    clientSecret: CLIENT_SECRET,
    ...(PORT && { port: Number(PORT) }),
    ...(HOST && { host: HOST }),
    ...(ISSUER && { issuer: ISSUER }),
    ...(CATALOG && { catalog: CATALOG }),
  })
  process.stdout.write(`Orders is at ${orders.origin}/\n`)
  const stop = () => void orders.close().then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
