/**
 * Runs the catalog: `node src/examples/catalog/serve.ts`, with PORT, HOST, ISSUER and AUDIENCE where they differ.
 * CARTS_FILE keeps the carts from start to start; WEBHOOK_SECRET is what the portal signs its events with.
 */
import { startCatalog } from './server.ts'

const { PORT, HOST, ISSUER, AUDIENCE, CARTS_FILE, WEBHOOK_SECRET } = process.env

try {
  const catalog = await startCatalog({
    ...(PORT && { port: Number(PORT) }),
    ...(HOST && { host: HOST }),
    ...(ISSUER && { issuer: ISSUER }),
    ...(AUDIENCE && { audience: AUDIENCE }),
    ...(CARTS_FILE && { cartsFile: CARTS_FILE }),
    ...(WEBHOOK_SECRET && { webhookSecret: WEBHOOK_SECRET }),
  })
  process.stdout.write(`The catalog is at ${catalog.origin}/\n`)
  const stop = () => void catalog.close().then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
