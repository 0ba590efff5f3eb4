import { demoAddresses } from './demo-addresses.ts'
import { demoPeople } from './demo-people.ts'

const { portal, catalog, audience, dataFolder } = demoAddresses(process.env)
const catalogOrigins = [catalog.origin, catalog.otherSite]

/** The demo tenant; what each key means is in the README's configuration table. */
export default {
  origin: portal.origin,
  database: `sqlite:${dataFolder}/portico.db`,
  tenants: {
    demo: {
      name: 'Demo Store',
      audience,
      roles: ['Shopper', 'MeAdmin'],
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
        },
      ],
      users: demoPeople.map((person) => ({ ...person, email_verified: true })),
    },
  },
}
