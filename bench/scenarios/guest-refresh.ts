import { APP_ID } from '../servers/parties.ts'
import { portico, tokenClient } from './dialects.ts'
import type { Scenario } from './scenario.ts'

/** Nothing at stock is like it: a sealed refresh token, and no row. */
export const guestRefresh: Scenario = {
  name: 'guest-refresh',
  title: 'guest refreshed',
  subject: {
    server: 'portico',
    async begin(user) {
      const client = await tokenClient(portico, user)
      let { refresh_token = '' } = await client.begin({ grant_type: 'urn:portico:grant-type:guest', client_id: APP_ID })
      return async () => {
        const tokens = await client.request({ grant_type: 'refresh_token', client_id: APP_ID, refresh_token })
        if (!tokens.refresh_token) throw new Error('a refresh without a next refresh token')
        refresh_token = tokens.refresh_token
      }
    },
  },
}
