import { APP_ID } from '../servers/parties.ts'
import { type Dialect, portico, signInAt, stock, tokenClient } from './dialects.ts'
import type { Scenario, Side } from './scenario.ts'

/** A chain of one login: each request carries the newest token and gets the next, with a fresh ID token. */
function chains(dialect: Dialect, options: { dpop: boolean }): Side {
  return {
    server: dialect.server,
    async begin(user) {
      const client = await tokenClient(dialect, user, options)
      let newest = await signInAt(dialect, user, client)
      const refresh = () => ({
        grant_type: 'refresh_token',
        client_id: APP_ID,
        refresh_token: newest.refresh_token ?? '',
      })
      newest = await client.begin(refresh())
      return async () => {
        const tokens = await client.request(refresh())
        if (!tokens.refresh_token || tokens.refresh_token === newest.refresh_token) throw new Error('no rotation')
        if (!tokens.id_token) throw new Error('a refresh without an ID token')
        newest = tokens
      }
    },
  }
}

export const refresh: Scenario = {
  name: 'refresh',
  title: 'member refreshed, rotating',
  subject: chains(portico, { dpop: false }),
  rival: chains(stock, { dpop: false }),
  target: 0.8,
}

export const refreshWithDpop: Scenario = {
  name: 'refresh-dpop',
  title: 'the same, both with DPoP',
  subject: chains(portico, { dpop: true }),
  rival: chains(stock, { dpop: true }),
  target: 0.8,
}
