import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Certificate } from '../src/server/strangers/test/certificates.ts'
import { startTlsFront } from '../src/server/strangers/test/tls-front.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const ROOT = resolve(import.meta.dirname, '..')
const PEOPLE = 24

export interface Person {
  username: string
  password: string
  name: string
}

/** A portal and a catalog of their own, on free ports, with an empty database. */
export interface Shop {
  /** Origin of the portal. */
  portal: string
  issuer: string
  /** Origin of the catalog, on the portal's site. */
  catalog: string
  /** The same catalog under a name that is another site. */
  catalogElsewhere: string
  /** What the portal tells the catalog passes through here. */
  receiver: Receiver
  /** Somebody who has not signed in anywhere yet. */
  newPerson(): Person
  stop(): Promise<void>
}

export interface ShopOptions {
  /** Name of the portal. */
  host?: string
  /** The portal's, who then is on https. */
  certificate?: Certificate
  limits?: Record<string, number>
  /** Keys of the catalog's client that differ. */
  client?: Record<string, unknown>
  /** Other clients of the tenant. */
  clients?: Record<string, unknown>[]
  /** Older APIs the portal answers for. */
  compat?: Record<string, unknown>
  /** Starts the providers people may sign in through, told the portal's issuer; answers with their entries. */
  startUpstreams?: (issuer: string) => Promise<Record<string, unknown>[]>
}

export async function startShop({
  host = 'localhost',
  certificate,
  limits = {},
  client = {},
  clients = [],
  compat = {},
  startUpstreams = async () => [],
}: ShopOptions = {}): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-shop-'))
  const [portalPort, catalogPort] = [await freePort(), await freePort()]
  const portal = `${certificate ? 'https' : 'http'}://${host}:${portalPort}`
  // Behind something that ends TLS the portal itself listens elsewhere.
  const port = certificate ? await freePort() : portalPort
  const front = certificate && (await startTlsFront(certificate, portalPort, port))
  const authority = join(folder, 'authority.pem')
  if (certificate) await writeFile(authority, certificate.authority)
  const catalog = `http://localhost:${catalogPort}`
  const catalogElsewhere = `http://shop.localhost:${catalogPort}`
  const people = Array.from({ length: PEOPLE }, (_, index) => aPerson(index))
  const receiver = await startReceiver(`${catalog}/webhooks/portico`)
  const file = join(folder, 'portico.json')
  await writeFile(
    file,
    JSON.stringify(
      configuration({
        portal,
        origins: [catalog, catalogElsewhere],
        folder,
        people,
        limits,
        client,
        clients,
        compat,
        upstream: await startUpstreams(`${portal}/demo`),
        receiver,
      }),
    ),
  )
  const secret = randomBytes(32).toString('base64url')
  const programs = [
    run(['src/server/serve.js', '--config', file], {
      PORT: String(port),
      PORTICO_SECRET: secret,
      LOG_LEVEL: 'warn',
    }),
    run(['src/examples/catalog/serve.ts'], {
      PORT: String(catalogPort),
      ISSUER: `${portal}/demo`,
      WEBHOOK_SECRET: receiver.secret,
      ...(certificate && { NODE_EXTRA_CA_CERTS: authority }),
    }),
  ]
  await untilUp([`http://localhost:${port}/readyz`, `${catalog}/`], programs)
  return {
    portal,
    issuer: `${portal}/demo`,
    catalog,
    catalogElsewhere,
    receiver,
    newPerson() {
      const person = people.shift()
      if (!person) throw new Error('this shop has run out of people: raise PEOPLE')
      return person
    },
    async stop() {
      for (const program of programs) program.kill('SIGTERM')
      await Promise.all(programs.map((program) => (program.exitCode === null ? once(program, 'exit') : undefined)))
      receiver.stop()
      await front?.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function aPerson(index: number): Person {
  return { username: `person${index}`, password: `a long pass phrase ${index}`, name: `Person Number ${index}` }
}

interface Parts {
  portal: string
  origins: string[]
  folder: string
  people: Person[]
  limits: Record<string, number>
  client: Record<string, unknown>
  clients: Record<string, unknown>[]
  compat: Record<string, unknown>
  upstream: Record<string, unknown>[]
  receiver: Receiver
}

function configuration({
  portal,
  origins,
  folder,
  people,
  limits,
  client,
  clients,
  compat,
  upstream,
  receiver,
}: Parts) {
  const catalog = {
    client_id: 'catalog',
    client_name: 'Catalog',
    client_uri: `${origins[0]}/`,
    redirect_uris: origins.map((origin) => `${origin}/callback`),
    post_logout_redirect_uris: origins.map((origin) => `${origin}/`),
    allowed_origins: origins,
    id_token_signed_response_alg: 'ES256',
    grant_types: ['authorization_code', 'refresh_token', 'urn:portico:grant-type:guest'],
    guest: { template_user: 'visitor' },
    ...client,
  }
  const users = people.map((person) => ({
    ...person,
    email: `${person.username}@demo.test`,
    email_verified: true,
    roles: ['Shopper'],
  }))
  const visitor = { username: 'visitor', guest_template: true, roles: ['Browser'] }
  const demo = {
    name: 'Demo Store',
    audience: 'https://api.demo.test',
    roles: ['Browser', 'Shopper'],
    webhooks: [{ url: receiver.url, secret: receiver.secret, events: ['guest.upgraded'] }],
    clients: [catalog, ...clients],
    compat,
    upstream,
    users: [...users, visitor],
  }
  return { origin: portal, database: `sqlite:${folder}/portico.db`, limits, tenants: { demo } }
}

export function run(args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

export async function untilUp(addresses: string[], programs: ChildProcess[]): Promise<void> {
  const givingUp = Date.now() + 20_000
  for (const address of addresses) {
    while (
      !(await fetch(address).then(
        (answer) => answer.ok,
        () => false,
      ))
    ) {
      const ended = programs.find((program) => program.exitCode !== null)
      if (ended) throw new Error(`${address} did not come up: ${ended.spawnargs.join(' ')} ended by itself`)
      if (Date.now() > givingUp) throw new Error(`${address} did not come up`)
      await sleep(100)
    }
  }
}

/** A port nobody listens on, below those that systems give to connections on their way out: it may be used a while later. */
export async function freePort(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 12_000)
  const server = createServer().listen(port, '127.0.0.1')
  const isFree = await once(server, 'listening').then(
    () => true,
    () => false,
  )
  server.close()
  return isFree ? port : freePort()
}
