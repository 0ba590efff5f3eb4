import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SECRET } from './test-config.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

/** A server as operators run it: `node src/server/serve.js`. */
export interface ServerProcess {
  process: ChildProcess
  output: { stdout: string; stderr: string }
  /** The exit code, once it has ended; `null` after a signal that it did not handle. */
  ended: Promise<number | null>
}

/** A folder of a test's own with a configuration in it. */
export interface Workplace {
  folder: string
  port: number
  /** What a start needs besides the configuration's name. */
  env: Record<string, string>
  config: string
  remove(): Promise<void>
}

export async function createWorkplace(overrides: object = {}): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-main-'))
  const port = await freePort()
  const config = join(folder, 'portico.json')
  const file = { origin: `http://localhost:${port}`, tenants: { demo: { clients: [] } }, ...overrides }
  await writeFile(config, JSON.stringify(file))
  const env = { PORTICO_SECRET: SECRET, DATABASE_URL: `sqlite:${join(folder, 'portico.db')}` }
  return { folder, port, env, config, remove: () => rm(folder, { recursive: true, force: true }) }
}

export function startServer(
  args: string[],
  env: Record<string, string>,
  { nodeArgs = [] }: { nodeArgs?: string[] } = {},
): ServerProcess {
  const child = spawn(process.execPath, [...nodeArgs, 'src/server/serve.js', ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const ended = new Promise<number | null>((done) => child.once('close', done))
  return { process: child, output, ended }
}

/** Waits until a server answers `/readyz` with this status. */
export async function untilReadiness(port: number, status: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if ((await readiness(port)) === status) return
    await sleep(50)
  }
  throw new Error(`/readyz on port ${port} never answered ${status}`)
}

async function readiness(port: number): Promise<number | undefined> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`, { headers: { connection: 'close' } })).status
  } catch {
    return undefined
  }
}

function freePort(): Promise<number> {
  return new Promise((done, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
