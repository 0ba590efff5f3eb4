/** Runs the legacy page: `node src/examples/legacy/serve.ts`, with PORT, HOST and ISSUER where they differ. */
import { startLegacy } from './server.ts'

const { PORT, HOST, ISSUER } = process.env

try {
  const legacy = await startLegacy({
    ...(PORT && { port: Number(PORT) }),
    ...(HOST && { host: HOST }),
    ...(ISSUER && { issuer: ISSUER }),
  })
  process.stdout.write(`The legacy page is at ${legacy.origin}/\n`)
  const stop = () => void legacy.close().then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
