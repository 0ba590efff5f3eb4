import { parseConfig } from '../config/load-config.ts'
import type { Config } from '../config/schema.ts'

export const ORIGIN = 'http://localhost:3000'
export const ISSUER = `${ORIGIN}/demo`
export const APP_ORIGIN = 'http://localhost:3001'
export const REDIRECT_URI = `${APP_ORIGIN}/callback`
export const AUDIENCE = 'https://api.demo.test'
export const SECRET = 'a secret for tests that is long enough'
export const ORDERS_SECRET = 'orders-secret-0123456789abcdef'
export const ADA = { username: 'ada', password: 'copper kettle at dawn' }
export const BEN = { username: 'ben', password: 'seven quiet lanterns' }

type Raw = Record<string, unknown>

/** A public browser app. */
export function aClient(overrides: Raw = {}): Raw {
  return {
    client_id: 'catalog',
    client_name: 'Catalog',
    client_uri: `${APP_ORIGIN}/`,
    redirect_uris: [REDIRECT_URI],
    post_logout_redirect_uris: [`${APP_ORIGIN}/`],
    allowed_origins: [APP_ORIGIN],
    id_token_signed_response_alg: 'ES256',
    ...overrides,
  }
}

/** A public browser app whose visitors are guests first. */
export function aGuestClient(overrides: Raw = {}): Raw {
  return aClient({
    grant_types: ['authorization_code', 'refresh_token', 'urn:portico:grant-type:guest'],
    guest: { template_user: 'visitor' },
    ...overrides,
  })
}

/** A first-party server-side app with a secret. */
export function aConfidentialClient(overrides: Raw = {}): Raw {
  return aClient({
    client_id: 'orders',
    client_name: 'Orders',
    client_secret: ORDERS_SECRET,
    consent: 'skip',
    redirect_uris: ['http://localhost:3002/callback'],
    allowed_origins: [],
    ...overrides,
  })
}

/** An app of the implicit flow. */
export function anImplicitClient(overrides: Raw = {}): Raw {
  return aClient({
    client_id: 'legacy',
    client_name: 'Legacy',
    consent: 'skip',
    grant_types: ['implicit'],
    response_types: ['token', 'id_token', 'id_token token'],
    redirect_uris: ['https://legacy.test/'],
    ...overrides,
  })
}

export interface ConfigOverrides {
  tenant?: Raw
  file?: Raw
  secrets?: string
}

export function aConfig({ tenant = {}, file = {}, secrets = SECRET }: ConfigOverrides = {}): Config {
  const demo = {
    name: 'Demo Store',
    audience: AUDIENCE,
    roles: ['Browser', 'Shopper', 'MeAdmin'],
    clients: [aGuestClient(), aConfidentialClient(), anImplicitClient()],
    users: [
      { ...ADA, name: 'Ada Okafor', email: 'ada@demo.test', email_verified: true, roles: ['Shopper'] },
      { ...BEN, name: 'Ben Lindqvist', email: 'ben@demo.test', roles: ['Shopper', 'MeAdmin'] },
      { username: 'visitor', guest_template: true, roles: ['Browser'] },
    ],
    ...tenant,
  }
  return parseConfig(
    { origin: ORIGIN, database: 'sqlite::memory:', tenants: { demo }, ...file },
    { PORTICO_SECRET: secrets },
  )
}
