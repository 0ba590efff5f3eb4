import { type ConfiguredReceiver, toldByRequest } from '../events/receivers.ts'
import type { SigningJwk } from '../keys/tenant-keys.ts'
import { clientReceiver, type LogoutNotice } from '../store/logout-listeners.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { createLogoutTokens } from './logout-token.ts'

/** Every client of a tenant that takes back-channel logout. */
export function logoutReceivers({ tenant, keys }: { tenant: Tenant; keys: SigningJwk[] }): ConfiguredReceiver[] {
  const { id, issuer, clients } = tenant
  const sign = createLogoutTokens(issuer, keys)
  return [...clients.values()].flatMap((client) => {
    const { client_id, backchannel_logout_uri: url } = client
    if (url === undefined) return []
    return toldByRequest({ tenant: id, receiver: clientReceiver(client_id) }, async ({ body }, now) => {
      const notice: LogoutNotice = JSON.parse(body)
      return { url, headers: FORM, body: `logout_token=${await sign(client, notice, now)}` }
    })
  })
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
