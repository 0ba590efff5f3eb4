import { type Portal, startPortal } from '../../../strangers/test/portal.ts'
import { ADA, APP_ORIGIN, BEN, ORDERS_SECRET } from '../../../test/test-config.ts'

export const DORA = { username: 'dora', password: 'nine paper umbrellas' }

export const ACCESS_SECONDS = 36_000
export const ANONYMOUS_SECONDS = 30 * 86_400

const clients = [
  {
    client_id: 'storefront',
    grant_types: ['password', 'refresh_token', 'urn:portico:grant-type:guest'],
    guest: { template_user: 'visitor' },
    access_token_ttl: ACCESS_SECONDS,
    allowed_origins: [APP_ORIGIN],
  },
  { client_id: 'kiosk', grant_types: ['password'] },
  { client_id: 'closed', grant_types: ['password'], active: false },
  { client_id: 'staff', grant_types: ['password'], min_roles: ['MeAdmin'] },
  {
    client_id: 'middleware',
    client_secret: ORDERS_SECRET,
    grant_types: ['password', 'client_credentials', 'refresh_token'],
  },
  { client_id: 'jobs', client_secret: ORDERS_SECRET, grant_types: ['client_credentials'], max_roles: ['Shopper'] },
]
const compat = {
  ordercloud: {
    clients: {
      storefront: { anonymous_token_ttl: ANONYMOUS_SECONDS },
      middleware: { default_context_user: BEN.username, user_type: 'admin' },
    },
  },
}

const users = [
  { ...ADA, roles: ['Shopper'] },
  { ...BEN, roles: ['Shopper', 'MeAdmin'] },
  { ...DORA, roles: ['Shopper'] },
  { username: 'visitor', guest_template: true, roles: ['Browser'] },
]

/** A tenant whose apps were written for OrderCloud. */
export function startOrderCloudShop(): Promise<Portal> {
  return startPortal('http', clients, { compat, users, lockout: { failures: 3, seconds: 60 } })
}
