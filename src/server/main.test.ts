import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openRawConnection } from './test/raw-connection.ts'
import {
  createWorkplace,
  type ServerProcess,
  startServer,
  untilReadiness,
  type Workplace,
} from './test/server-process.ts'

async function aWorkplace(overrides: object = {}): Promise<Workplace> {
  const workplace = await createWorkplace(overrides)
  onTestFinished(() => workplace.remove())
  return workplace
}

function start(args: string[], env: Record<string, string>, options: { nodeArgs?: string[] } = {}): ServerProcess {
  const server = startServer(args, env, options)
  onTestFinished(() => void server.process.kill('SIGKILL'))
  return server
}

/** Expects the start to fail with what it says, and nothing else, on stderr. */
async function expectRefusal(server: ServerProcess, said: RegExp): Promise<void> {
  expect(await server.ended).toBe(1)
  expect(server.output.stderr).toMatch(said)
  expect(server.output.stderr).not.toMatch(/\n\s+at |Error:|node:internal|Warning/)
  expect(server.output.stderr.trim().split('\n')).toHaveLength(1)
}

describe('a start that can’t succeed says in one sentence what to do', () => {
  test.each([
    ['without a configuration', []],
    ['with the configuration’s name left out', ['--config']],
    ['with an option that does not exist', ['--confg', 'portico.json']],
  ])('%s', async (_what, args) => {
    const { env } = await aWorkplace()
    await expectRefusal(start(args, env), /^Say which configuration to serve: npm run serve -- --config FILE\n$/)
  })

  test('when there is no such configuration', async () => {
    const { env } = await aWorkplace()
    await expectRefusal(start(['--config', 'nowhere.json'], env), /^There is no configuration at nowhere\.json: /)
  })

  test('when its port is in use', async () => {
    const { env, config, port } = await aWorkplace()
    const other = createServer().listen(port, '127.0.0.1')
    onTestFinished(() => void other.close())
    await expectRefusal(start(['--config', config], env), new RegExp(`^Port ${port} is in use: .*PORT`))
  })

  test('when this machine does not have the address', async () => {
    const { env, config } = await aWorkplace()
    const server = start(['--config', config], { ...env, HOST: '203.0.113.1' })
    await expectRefusal(server, /^This machine has no address 203\.0\.113\.1: set HOST/)
  })

  test('when the database file is something else', async () => {
    const { env, config, folder } = await aWorkplace()
    await writeFile(
      join(folder, 'portico.db'),
      'this is a shopping list, not a database, and it is long enough to tell. '.repeat(20),
    )
    await expectRefusal(start(['--config', config], env), /^The file .*portico\.db is not a database: move it away/)
  })

  test('when the database’s folder can’t be made', async () => {
    const { env, config, folder } = await aWorkplace()
    await writeFile(join(folder, 'file'), '')
    const server = start(['--config', config], {
      ...env,
      DATABASE_URL: `sqlite:${join(folder, 'file/below/portico.db')}`,
    })
    await expectRefusal(server, /^The folder .*file\/below can't be created: make it writable/)
  })

  test('when a folder stands where the database should be', async () => {
    const { env, config, folder } = await aWorkplace()
    await expectRefusal(
      start(['--config', config], { ...env, DATABASE_URL: `sqlite:${folder}` }),
      /^The database .* can't be opened: /,
    )
  })

  test('when the database does not answer', async () => {
    const { env, config } = await aWorkplace()
    const server = start(['--config', config], { ...env, DATABASE_URL: 'postgres://portico@127.0.0.1:1/portico' })
    await expectRefusal(server, /database/i)
  })

  test('when the keys were sealed with another secret', async () => {
    const { env, config, port } = await aWorkplace()
    const first = start(['--config', config], env)
    await untilReadiness(port, 200)
    first.process.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    const second = start(['--config', config], {
      ...env,
      PORTICO_SECRET: 'another secret that is as long as the first',
    })
    await expectRefusal(second, /were sealed with another PORTICO_SECRET: start with that one, or with "new,old"/)
  })

  test('on a Node that is too old', async () => {
    const { env, config } = await aWorkplace()
    const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.11.0' } })`
    const nodeArgs = ['--import', `data:text/javascript,${encodeURIComponent(old)}`]
    await expectRefusal(
      start(['--config', config], env, { nodeArgs }),
      /^Portico needs Node 24 or newer and this is 22\.11\.0: /,
    )
  })
})

describe('a start without a secret of its own', () => {
  test.each([
    ['none at all', undefined],
    ['an empty one', ''],
    ['one that is too short', 'changeme'],
    ['one that repeats itself', 'changeme'.repeat(6).replaceAll(/[geh]/g, 'c')],
    ['a new one beside a weak old one', 'a secret for tests that is long enough,old'],
  ])('is refused, with %s', async (_what, secret) => {
    const { env, config } = await aWorkplace()
    const { PORTICO_SECRET: _good, ...others } = env
    const server = start(['--config', config], { ...others, ...(secret !== undefined && { PORTICO_SECRET: secret }) })
    expect(await server.ended).toBe(1)
    expect(server.output.stderr).toMatch(/has to be corrected:\n {2}PORTICO_SECRET: /)
    expect(server.output.stderr).not.toMatch(/\n\s+at /)
    expect(server.output.stdout).toBe('')
  })

  test('there is no account, client or key that nobody asked for', async () => {
    const { env, config, port } = await aWorkplace()
    const server = start(['--config', config], env)
    await untilReadiness(port, 200)
    const discovery = await fetch(`http://localhost:${port}/demo/.well-known/openid-configuration`)
    expect(discovery.status).toBe(200)
    const tried = await fetch(`http://localhost:${port}/demo/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password', client_id: 'admin', username: 'admin', password: 'admin' }),
    })
    expect(await tried.json()).toMatchObject({ error: 'invalid_client' })
    server.process.kill('SIGTERM')
    expect(await server.ended).toBe(0)
  })
})

/** Longer than a server keeps taking new connections while it drains. */
const closing = () => sleep(700)

describe('told to stop', () => {
  const body = 'grant_type=refresh_token&client_id=nobody'
  const half = (port: number) =>
    [
      'POST /demo/token HTTP/1.1',
      `Host: localhost:${port}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
      '\r\n',
    ].join('\r\n')

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s it sends balancers away, finishes what is running, and ends cleanly',
    async (signal) => {
      const { env, config, port } = await aWorkplace()
      const server = start(['--config', config], env)
      await untilReadiness(port, 200)
      const running = await openRawConnection(port)
      running.send(half(port) + body.slice(0, 10))
      const idle = await openRawConnection(port)
      server.process.kill(signal)
      await untilReadiness(port, 503)
      await closing()
      running.send(body.slice(10))
      expect(await running.answer()).toMatch(/^HTTP\/1\.1 4\d\d .*"error":"invalid_client"/s)
      idle.close()
      expect(await server.ended).toBe(0)
      expect(server.output.stderr).toBe('')
    },
  )

  test('it does not wait for ever for a request that never ends', async () => {
    const { env, config, port } = await aWorkplace({ limits: { request_seconds: 1 } })
    const server = start(['--config', config], env)
    await untilReadiness(port, 200)
    server.process.kill('SIGTERM')
    await untilReadiness(port, 503)
    const stuck = await openRawConnection(port)
    stuck.send(half(port) + body.slice(0, 10))
    expect(await server.ended).toBe(0)
    stuck.close()
  })

  test('twice, it ends at once', async () => {
    const { env, config, port } = await aWorkplace()
    const server = start(['--config', config], env)
    await untilReadiness(port, 200)
    const stuck = await openRawConnection(port)
    stuck.send(half(port))
    server.process.kill('SIGTERM')
    await untilReadiness(port, 503)
    server.process.kill('SIGTERM')
    expect(await server.ended).toBe(1)
    stuck.close()
  })
})
