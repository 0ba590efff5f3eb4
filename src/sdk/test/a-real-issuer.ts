import { startTestApp, type TestApp } from '../../server/test/test-app.ts'
import {
  ADA,
  aConfidentialClient,
  aConfig,
  aGuestClient,
  BEN,
  ISSUER,
  ORDERS_SECRET,
  ORIGIN,
} from '../../server/test/test-config.ts'
import { startBackend } from '../server/backend/create-backend.ts'
import { waitFor } from '../server/backend/retry.ts'

const passwordGrants = ['authorization_code', 'password', 'refresh_token']
const guestGrant = 'urn:portico:grant-type:guest'

/** A shop in the browser that may ask for passwords itself, and servers with each grant that needs a secret. */
const config = (tenant: Record<string, unknown>) =>
  aConfig({
    tenant: {
      clients: [
        aGuestClient({ grant_types: [...passwordGrants, guestGrant] }),
        aConfidentialClient({ grant_types: passwordGrants }),
        aServer('reports', { grant_types: ['client_credentials'], max_roles: ['Shopper'] }),
        aServer('community', { mint: { email: true } }),
        aServer('fixed', { refresh_token_rotation: 'fixed' }),
        aServer('shy'),
      ],
      users: [
        { ...ADA, name: 'Ada Okafor', email: 'ada@demo.test', email_verified: true, ...ids(1001), roles: ['Shopper'] },
        { ...BEN, name: 'Ben Lindqvist', email: 'ben@demo.test', ...ids(1002), roles: ['Shopper', 'MeAdmin'] },
        { username: 'visitor', guest_template: true, roles: ['Browser'] },
      ],
      ...tenant,
    },
  })

/** A server that gets tokens for members it knows. */
function aServer(client_id: string, overrides: Record<string, unknown> = {}) {
  const grant_types = ['urn:portico:grant-type:member', 'refresh_token']
  return { client_id, client_secret: ORDERS_SECRET, grant_types, ...overrides }
}

const ids = (id: number) => ({ member_id: id, sso_id: `acme|${id}`, legal_entities: [`company-${id}`] })

/** The server itself, in process with a store of its own, and a backend of its client `orders`. */
export async function aRealIssuer(tenant: Record<string, unknown> = {}) {
  const app = await startTestApp({ config: config(tenant) })
  const fetch = fetchOf(app)
  const backendOf = (clientId: string, clientSecret = ORDERS_SECRET) =>
    startBackend({ issuer: ISSUER, clientId, clientSecret }, { fetch, now: Date.now, wait: waitFor })
  return { app, fetch, backendOf, backend: backendOf('orders'), close: () => app.close() }
}

/** The server as a `fetch`. */
function fetchOf({ server }: TestApp): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const { pathname, search } = new URL(request.url)
    const answer = await server.inject({
      method: request.method as 'GET' | 'POST',
      url: pathname + search,
      headers: { ...Object.fromEntries(request.headers), host: new URL(ORIGIN).host },
      payload: await request.text(),
    })
    const headers = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)])
    return new Response(answer.body, { status: answer.statusCode, headers })
  }
}
