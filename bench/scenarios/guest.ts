import { APP_ID, BACKEND } from '../servers/parties.ts'
import { portico, stock, tokenClient } from './dialects.ts'
import type { Scenario, Side } from './scenario.ts'

/** The nearest stock has to a guest: a token for an app, without a person. */
const CLIENT_CREDENTIALS = { grant_type: 'client_credentials', client_id: BACKEND.id, client_secret: BACKEND.secret }
const GUEST = { grant_type: 'urn:portico:grant-type:guest', client_id: APP_ID }

function newGuests(options: { dpop: boolean }): Side {
  return {
    server: 'portico',
    async begin(user) {
      const client = await tokenClient(portico, user, options)
      await client.begin(GUEST)
      return () => client.request(GUEST)
    },
  }
}

function clientCredentials(options: { dpop: boolean }): Side {
  return {
    server: 'stock',
    async begin(user) {
      const client = await tokenClient(stock, user, options)
      await client.begin(CLIENT_CREDENTIALS)
      return () => client.request(CLIENT_CREDENTIALS)
    },
  }
}

export const guest: Scenario = {
  name: 'guest-token',
  title: 'new guest, beside client credentials',
  subject: newGuests({ dpop: false }),
  rival: clientCredentials({ dpop: false }),
  target: 1.3,
}

export const guestWithDpop: Scenario = {
  name: 'guest-dpop',
  title: 'the same, both with DPoP',
  subject: newGuests({ dpop: true }),
  rival: clientCredentials({ dpop: true }),
}

/** How much faster than stock anything on Node can be that signs once. */
export const ceiling: Scenario = {
  name: 'guest-ceiling',
  title: 'plain node:http with one signature',
  subject: {
    server: 'plain',
    async begin(user) {
      const client = await tokenClient({ ...portico, tokenPath: '/token' }, user)
      await client.begin(GUEST)
      return () => client.request(GUEST)
    },
  },
  rival: clientCredentials({ dpop: false }),
}
