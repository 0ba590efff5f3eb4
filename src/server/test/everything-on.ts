import { GUEST_GRANT, postToEndpoint } from './flows.ts'
import { startTestApp, type TestApp } from './test-app.ts'
import { aClient, aConfig, ORDERS_SECRET } from './test-config.ts'

export const PASSWORD = 'green bicycle on monday'
export const SECOND_SECRET = 'second-secret-0123456789abcdef'
export const MEMBER_GRANT = 'urn:portico:grant-type:member'
/** Somebody for each place that takes passwords, so that none of them uses up the limits of another. */
const PEOPLE = ['ada', 'ben', 'cleo', 'dora']

/** What these clients send about themselves in a form. */
export const asApp = { client_id: 'app' }
export const asServer = { client_id: 'server', client_secret: ORDERS_SECRET }

const everyGrant = ['authorization_code', 'refresh_token', 'password']

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

/** A tenant with every grant and every older API, and limits that wrong requests don't use up. */
export const everythingOn = aConfig({
  tenant: {
    clients,
    users,
    compat: { ordercloud: {} },
    lockout: { failures: 100, seconds: 1 },
  },
  file: { limits: { guest_burst: MANY, guests_per_minute: MANY, failed_sign_ins_per_hour: MANY } },
})

export function startEverything(): Promise<TestApp> {
  return startTestApp({ config: everythingOn })
}

/** Of a login of the app, at the token endpoint. */
export async function aRefreshToken(app: TestApp): Promise<string> {
  const form = { ...asApp, grant_type: 'password', username: 'ada', password: PASSWORD }
  return String((await postToEndpoint(app, 'token', form)).body.refresh_token)
}
