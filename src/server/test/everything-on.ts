import { SignJWT } from 'jose'
import type { Config } from '../config/schema.ts'
import { startUpstream, type UpstreamServer } from '../upstream/test/upstream-server.ts'
import { GUEST_GRANT, postToEndpoint } from './flows.ts'
import { startTestApp, type TestApp, type TestAppOptions } from './test-app.ts'
import { aClient, aConfig, ORDERS_SECRET } from './test-config.ts'

export const PASSWORD = 'green bicycle on monday'
export const SECOND_SECRET = 'second-secret-0123456789abcdef'
export const MEMBER_GRANT = 'urn:portico:grant-type:member'
export const UPSTREAM_GRANT = 'urn:portico:grant-type:upstream'
export const EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
/** Of tokens that the provider makes for an API of its own. */
const THEIR_AUDIENCE = 'https://api.acme.test'
/** Somebody for each place that takes passwords, so that none of them uses up the limits of another. */
const PEOPLE = ['ada', 'ben', 'cleo', 'dora', 'eli', 'fay', 'gus']

/** What these clients send about themselves in a form. */
export const asApp = { client_id: 'app' }
export const asServer = { client_id: 'server', client_secret: ORDERS_SECRET }

const everyGrant = ['authorization_code', 'refresh_token', 'password', UPSTREAM_GRANT, EXCHANGE_GRANT]

const clients = [
  aClient({
    client_id: 'app',
    grant_types: [...everyGrant, GUEST_GRANT],
    guest: { template_user: 'visitor' },
    // What succeeded once has to succeed again.
    refresh_token_rotation: 'fixed',
  }),
  aClient({
    client_id: 'server',
    client_secret: ORDERS_SECRET,
    client_secrets: [{ value: SECOND_SECRET }],
    consent: 'skip',
    grant_types: [...everyGrant, 'client_credentials', MEMBER_GRANT],
    mint: { email: true, burst: 1_000_000, per_minute: 1_000_000 },
    max_roles: ['Shopper'],
    refresh_token_rotation: 'fixed',
  }),
  // Neither holds a grant that anybody here asks for.
  aClient({ client_id: 'other-app', grant_types: ['implicit'], redirect_uris: ['https://legacy.test/'] }),
  aClient({ client_id: 'other-server', client_secret: ORDERS_SECRET, grant_types: ['authorization_code'] }),
]

const users = [
  ...PEOPLE.map((username, index) => ({
    username,
    password: PASSWORD,
    email: `${username}@demo.test`,
    email_verified: true,
    member_id: 1001 + index,
    sso_id: `acme|${username}`,
    roles: ['Shopper'],
  })),
  { username: 'visitor', guest_template: true, roles: ['Browser'] },
]

const MANY = 1_000_000

type Lockout = { failures: number; seconds: number }

/** A tenant with every grant and every older API, and limits that wrong requests don't use up. */
function everythingOn(acme: UpstreamServer, tokens: UpstreamServer, lockout: Lockout): Config {
  const provision = { provision: true, roles: ['Shopper'] }
  const exchange = { name: 'tokens', flow: 'exchange', issuer: tokens.issuer, audience: THEIR_AUDIENCE, ...provision }
  return aConfig({
    tenant: {
      clients,
      users,
      upstream: [acme.entry(provision), exchange],
      community_id: 1,
      compat: {
        ordercloud: {},
        circle: { client_id: 'server' },
        geolens: { client_id: 'app' },
        emporix: { signup: {} },
        acp: {},
      },
      lockout,
    },
    file: { limits: { guest_burst: MANY, guests_per_minute: MANY, failed_sign_ins_per_hour: MANY } },
  })
}

/** Everything that can be asked, and a provider whose tokens are traded in. */
export interface Everything {
  app: TestApp
  tokens: UpstreamServer
  close(): Promise<void>
}

export async function startEverything({
  lockout = { failures: 100, seconds: 1 },
  ...options
}: Omit<TestAppOptions, 'config'> & { lockout?: Lockout } = {}): Promise<Everything> {
  const [acme, tokens] = [await startUpstream(), await startUpstream()]
  const app = await startTestApp({ ...options, config: everythingOn(acme, tokens, lockout) })
  return {
    app,
    tokens,
    async close() {
      await app.close()
      await acme.close()
      await tokens.close()
    },
  }
}

/** Of a login of the app, at the token endpoint. */
export async function aRefreshToken({ app }: Everything): Promise<string> {
  const form = { ...asApp, grant_type: 'password', username: 'ada', password: PASSWORD }
  return String((await postToEndpoint(app, 'token', form)).body.refresh_token)
}

/** The provider's own, of somebody who is new here. */
export function aSubjectToken({ tokens: { issuer, keys } }: Everything): Promise<string> {
  return new SignJWT({ email: 'eve@acme.test', email_verified: true })
    .setProtectedHeader({ alg: 'RS256', kid: keys.kid })
    .setIssuer(issuer)
    .setSubject('eve')
    .setAudience(THEIR_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(keys.privateKey)
}
