import { demoAddresses } from './demo-addresses.ts'
import { demoPeople } from './demo-people.ts'
import { demoSecrets } from './demo-secrets.ts'

const { portal, catalog, orders, legacy, audience, dataFolder } = demoAddresses(process.env)
const secrets = demoSecrets(dataFolder)
const catalogOrigins = [catalog.origin, catalog.otherSite]
const ordersOrigins = [orders.origin, orders.otherSite]
const legacyOrigins = [legacy.origin, legacy.otherSite]

/** The demo tenant; what each key means is in the README's configuration table. */
export default {
  origin: portal.origin,
  database: `sqlite:${dataFolder}/portico.db`,
  tenants: {
    demo: {
      name: 'Demo Store',
      audience,
      roles: ['Browser', 'Shopper', 'MeAdmin'],
      webhooks: [{ url: catalog.webhook, secret: secrets.webhook, events: ['guest.upgraded'] }],
      clients: [
        {
          client_id: 'catalog',
          client_name: 'Catalog',
          client_uri: `${catalog.origin}/`,
          consent: 'once',
          redirect_uris: catalogOrigins.map((origin) => `${origin}/callback`),
          post_logout_redirect_uris: catalogOrigins.map((origin) => `${origin}/`),
          allowed_origins: catalogOrigins,
          id_token_signed_response_alg: 'ES256',
          grant_types: ['authorization_code', 'refresh_token', 'urn:portico:grant-type:guest'],
          guest: { template_user: 'visitor' },
        },
        {
          client_id: 'orders',
          client_name: 'Orders',
          client_uri: `${orders.origin}/`,
          client_secret: secrets.orders,
          consent: 'skip',
          redirect_uris: ordersOrigins.map((origin) => `${origin}/callback`),
          backchannel_logout_uri: `${orders.origin}/backchannel`,
          post_logout_redirect_uris: ordersOrigins.map((origin) => `${origin}/`),
        },
        {
          client_id: 'legacy',
          client_name: 'Legacy',
          client_uri: `${legacy.origin}/`,
          grant_types: ['implicit'],
          response_types: ['token', 'id_token token'],
          redirect_uris: legacyOrigins.map((origin) => `${origin}/`),
          post_logout_redirect_uris: legacyOrigins.map((origin) => `${origin}/`),
          allowed_origins: legacyOrigins,
        },
      ],
      users: [
        ...demoPeople.map((person) => ({ ...person, email_verified: true })),
        { username: 'visitor', guest_template: true, roles: ['Browser'] },
      ],
    },
  },
}
