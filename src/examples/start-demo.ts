import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { demoAddresses } from './demo-addresses.ts'
import { demoPeople } from './demo-people.ts'
import { demoSecrets } from './demo-secrets.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const START_LIMIT_MS = 30_000
const STOP_LIMIT_MS = 10_000

interface Program {
  name: string
  process: ChildProcess
  /** Resolves with the exit code. */
  ended: Promise<number>
}

/** Starts the portal and the examples on loopback, says what to try, and ends them together. */
export async function startDemo(env: NodeJS.ProcessEnv): Promise<void> {
  const programs: Program[] = []
  const stop = stopper(programs)
  try {
    checkLoopback(env)
    const { portal, catalog, orders, legacy, audience, dataFolder } = demoAddresses(env)
    for (const { port } of [portal, catalog, orders, legacy]) await checkPortIsFree(port)
    const secrets = loadSecrets(dataFolder)
    const log = join(dataFolder, 'demo.log')
    const portalEnv = { ...env, PORT: String(portal.port), PORTICO_SECRET: secrets.portal }
    programs.push(run('portal', ['src/server/serve.js', '--config', 'src/examples/demo.config.ts'], portalEnv, log))
    const catalogEnv = {
      ...env,
      PORT: String(catalog.port),
      ISSUER: portal.issuer,
      AUDIENCE: audience,
      CARTS_FILE: join(dataFolder, 'carts.db'),
      WEBHOOK_SECRET: secrets.webhook,
    }
    programs.push(run('catalog', ['src/examples/catalog/serve.ts'], catalogEnv, log))
    const ordersEnv = {
      ...env,
      PORT: String(orders.port),
      ISSUER: portal.issuer,
      CATALOG: `${catalog.origin}/`,
      CLIENT_SECRET: secrets.orders,
    }
    programs.push(run('orders', ['src/examples/orders/serve.ts'], ordersEnv, log))
    const legacyEnv = { ...env, PORT: String(legacy.port), ISSUER: portal.issuer }
    programs.push(run('legacy', ['src/examples/legacy/serve.ts'], legacyEnv, log))
    const homes = [catalog, orders, legacy].map(({ origin }) => `${origin}/`)
    await untilUp([`${portal.origin}/readyz`, ...homes], programs)
    process.stdout.write(welcome(env, log))
    await Promise.race(programs.map(({ ended }) => ended))
    if (!stop.isAsked()) process.stderr.write(`One part of the demo ended by itself; ${log} says why.\n`)
    process.exitCode = stop.isAsked() ? 0 : 1
  } catch (error) {
    if (!(error instanceof DemoError)) throw error
    if (error.message) process.stderr.write(`${error.message}\n`)
    process.exitCode = stop.isAsked() ? 0 : 1
  } finally {
    await stop.all()
  }
}

/** The demo can't run; the message, if any is left to say, tells what to do. */
class DemoError extends Error {}

function checkLoopback({ HOST = '127.0.0.1' }: NodeJS.ProcessEnv): void {
  if (['127.0.0.1', '::1', 'localhost'].includes(HOST)) return
  throw new DemoError(
    `The demo has public passwords, so it answers on loopback only: unset HOST (it is ${HOST}), or serve a configuration of your own with "npm run serve".`,
  )
}

/** Before anything starts, because the programs themselves would advise PORT, which the demo sets. */
async function checkPortIsFree(port: number): Promise<void> {
  const probe = createServer()
  try {
    await once(probe.listen(port, '127.0.0.1'), 'listening')
  } catch {
    throw new DemoError(
      `Port ${port} is in use: stop what runs there, or set PORTICO_DEMO_PORT to the first of four free ports.`,
    )
  } finally {
    probe.close()
  }
}

function loadSecrets(folder: string) {
  try {
    return demoSecrets(folder)
  } catch {
    throw new DemoError(
      `The folder ${resolve(folder)} can't be written: make it writable, or set PORTICO_DEMO_DATA to another.`,
    )
  }
}

function run(name: string, args: string[], env: NodeJS.ProcessEnv, logFile: string): Program {
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.pipe(createWriteStream(logFile, { flags: 'a' }))
  const ended = new Promise<number>((done) => child.once('exit', (code) => done(code ?? 1)))
  return { name, process: child, ended }
}

/** @throws when one ends first: it has said why itself */
async function untilUp(addresses: string[], programs: Program[]): Promise<void> {
  const givingUp = Date.now() + START_LIMIT_MS
  const firstEnd = Promise.race(programs.map(({ ended }) => ended)).then(() => 'ended' as const)
  for (const address of addresses) {
    while (!(await answers(address))) {
      if ((await Promise.race([firstEnd, sleep(100)])) === 'ended') throw new DemoError('')
      if (Date.now() > givingUp) throw new DemoError(`${address} does not answer; the log in the data folder says why.`)
    }
  }
  // Somebody else's program may answer there while ours found the port taken.
  if ((await Promise.race([firstEnd, sleep(150)])) === 'ended') throw new DemoError('')
}

async function answers(address: string): Promise<boolean> {
  try {
    const { ok } = await fetch(address, { signal: AbortSignal.timeout(2000) })
    return ok
  } catch {
    return false
  }
}

/** Ctrl-C reaches the children too; they finish what they are doing, and we wait for them. */
function stopper(programs: Program[]) {
  let isAsked = false
  const ask = () => {
    isAsked = true
    for (const { process: child } of programs) child.kill('SIGTERM')
  }
  process.once('SIGINT', ask)
  process.once('SIGTERM', ask)
  return {
    isAsked: () => isAsked,
    async all() {
      for (const { process: child } of programs) child.kill('SIGTERM')
      const all = Promise.all(programs.map(({ ended }) => ended))
      await Promise.race([all, sleep(STOP_LIMIT_MS, undefined, { ref: false })])
      for (const { process: child } of programs) child.kill('SIGKILL')
    },
  }
}

function welcome(env: NodeJS.ProcessEnv, log: string): string {
  const { portal, catalog, orders, legacy } = demoAddresses(env)
  const rows: [string, string][] = [
    ['Shop', `${catalog.origin}/`],
    ['', `${catalog.otherSite}/  (the same, as another site)`],
    ['Orders', `${orders.origin}/  (a server-side app: one sign-in opens both)`],
    ['Legacy', `${legacy.origin}/  (one static page, implicit flow)`],
    ['Portal', `${portal.issuer}/  (signs people in)`],
    ...demoPeople.map(({ username, password }): [string, string] => [
      'Sign in as',
      `${username.padEnd(5)} password  ${password}`,
    ]),
    ['Try', 'put something in the cart, sign in: it is still there, at member prices; sign out: a new visit'],
    ['', 'signed in at the shop, open Orders and press Sign in: no password'],
    ['Log', log],
    ['Stop', 'Ctrl-C'],
  ]
  return `\n  Portico is running\n\n${rows.map(([name, value]) => `  ${name.padEnd(12)}${value}`).join('\n')}\n\n`
}
