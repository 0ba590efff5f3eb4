import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type App, createApp } from './app.ts'
import { loadConfig } from './config/load-config.ts'
import type { Config } from './config/schema.ts'
import { giveBackStartMemory } from './idle-memory.ts'
import { StartError } from './start-error.ts'
import { openStore } from './store/open-store.ts'
import type { Store } from './store/store.ts'
import { sweepAudit, sweepExpired } from './store/sweep.ts'

const USAGE = 'Say which configuration to serve: npm run serve -- --config FILE'
const SWEEP_EVERY_MS = 60_000
const DAY_MS = 86_400_000
/** Time a balancer has to notice `/readyz` before connections are refused. */
const DRAIN_MS = 500
const LOOK_AGAIN_MS = 20

/** Serves until told to stop. What keeps it from starting is one sentence on stderr and exit code 1. */
export async function main(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  try {
    const config = await loadConfig({ file: configFile(args), env })
    const store = await openStore(config.database)
    const app = await startApp(config, store, env)
    stopOnSignal(app, store, config)
    giveBackStartMemory()
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}

function configFile(args: string[]): string {
  try {
    const { values } = parseArgs({ args, options: { config: { type: 'string' } } })
    if (values.config) return values.config
  } catch {
    // Unknown options get the same sentence.
  }
  throw new StartError(USAGE)
}

async function startApp(config: Config, store: Store, env: NodeJS.ProcessEnv): Promise<App> {
  try {
    const app = await createApp({ config, store, log: { level: env.LOG_LEVEL ?? 'info' } })
    const sweeping = setInterval(() => sweep(app, store, config), SWEEP_EVERY_MS)
    app.server.addHook('onClose', async () => clearInterval(sweeping))
    await listen(app, config)
    return app
  } catch (error) {
    await store.close()
    throw error
  }
}

async function listen({ server }: App, { host, port }: Config): Promise<void> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    await server.close()
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new StartError(`Port ${port} is in use: stop what runs there, or set PORT to another.`)
    if (code === 'EACCES')
      throw new StartError(`Port ${port} may not be used by this account: set PORT to one above 1024.`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new StartError(`This machine has no address ${host}: set HOST to one it has.`)
    throw error
  }
}

async function sweep({ server }: App, store: Store, { limits }: Config): Promise<void> {
  // Never by a clock that has jumped ahead: what is swept can't come back with it.
  const now = Math.min(Date.now(), performance.timeOrigin + performance.now())
  try {
    await sweepExpired(store, now)
    await sweepAudit(store, now - limits.audit_days * DAY_MS)
  } catch (error) {
    server.log.warn({ err: error }, 'sweeping failed; it is tried again')
  }
}

/** First signal: no new people, running requests finish within their time. Second signal: at once. */
function stopOnSignal(app: App, store: Store, { limits }: Config): void {
  const running = countRequests(app)
  let isStopping = false
  const stop = async () => {
    if (isStopping) process.exit(1)
    isStopping = true
    app.drain()
    await sleep(DRAIN_MS)
    const closed = app.server.close()
    const deadline = Date.now() + limits.request_seconds * 1000
    while (running() > 0 && Date.now() < deadline) await sleep(LOOK_AGAIN_MS)
    // Browsers open connections ahead of need, and Node waits for those and for requests that never end.
    app.server.server.closeAllConnections()
    await closed
    await store.close()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function countRequests({ server }: App): () => number {
  let running = 0
  server.server.on('request', (_request, response) => {
    running++
    response.once('close', () => running--)
  })
  return () => running
}
