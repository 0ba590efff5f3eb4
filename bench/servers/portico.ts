import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createPasswordHasher } from '../../src/server/passwords/password-hasher.ts'
import { APP_ID, AUDIENCE, BACKEND, OLD_APP_ID, PASSWORD, personName, REDIRECT_URI } from './parties.ts'
import { freePort, type Server, startServer } from './server.ts'

/** A configured installation of ours: started again, it finds its database. */
export interface Installation {
  start(): Promise<Server>
}

/** Ours as it is shipped: SQLite in a file, every commit on the disk, one log line a request into a file. */
export async function installPortico(
  folder: string,
  { people, trustedProxies = [] }: { people: number; trustedProxies?: string[] },
): Promise<Installation> {
  const origin = `http://127.0.0.1:${await freePort()}`
  const config = join(folder, 'portico.json')
  const passwordHash = await createPasswordHasher().hash(PASSWORD)
  await writeFile(config, JSON.stringify(configOf({ origin, folder, people, passwordHash, trustedProxies })))
  const program = {
    name: 'portico',
    args: ['src/server/serve.js', '--config', config],
    env: { PORTICO_SECRET: randomBytes(32).toString('base64'), LOG_LEVEL: 'info', NODE_ENV: 'production' },
    logFile: join(folder, 'portico.log'),
  }
  return { start: () => startServer(program, origin, '/readyz') }
}

interface Facts {
  origin: string
  folder: string
  people: number
  passwordHash: string
  trustedProxies: string[]
}

function configOf({ origin, folder, people, passwordHash, trustedProxies }: Facts): object {
  const aPerson = (index: number) => ({
    username: personName(index),
    email: `${personName(index)}@bench.test`,
    password_hash: passwordHash,
    name: `Person ${index}`,
    roles: ['Shopper'],
  })
  return {
    origin,
    trusted_proxies: trustedProxies,
    database: `sqlite:${join(folder, 'portico.db')}`,
    // Everything comes from one address, which is what the limit is there to stop.
    limits: {
      guest_burst: 1_000_000,
      guests_per_minute: 1_000_000,
      guest_burst_total: 10_000_000,
      guests_per_minute_total: 10_000_000,
    },
    tenants: {
      demo: {
        name: 'Demo Store',
        audience: AUDIENCE,
        roles: ['Browser', 'Shopper'],
        clients: [aBrowserApp(), aBackend(), anOldApp()],
        users: [
          { username: 'visitor', guest_template: true, roles: ['Browser'] },
          ...Array.from({ length: people }, (_, index) => aPerson(index)),
        ],
      },
    },
  }
}

function aBrowserApp(): object {
  return {
    client_id: APP_ID,
    consent: 'skip',
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token', 'urn:portico:grant-type:guest'],
    id_token_signed_response_alg: 'ES256',
    guest: { template_user: 'visitor' },
  }
}

function aBackend(): object {
  return { client_id: BACKEND.id, client_secret: BACKEND.secret, consent: 'skip', redirect_uris: [REDIRECT_URI] }
}

function anOldApp(): object {
  return { client_id: OLD_APP_ID, grant_types: ['password', 'refresh_token'] }
}
