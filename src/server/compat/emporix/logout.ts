import * as z from 'zod'
import { endFamilies } from '../../store/families.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { CompatRefused } from '../refusal.ts'
import { readCustomer } from './bearer.ts'
import type { FindShop, Shop } from './shops.ts'

const LogoutQuery = z.object({ accessToken: z.string('is required').min(1, 'is required') })

/** Ends the customer's login: this access token, its refresh token, and nothing on other devices. */
export function logoutRoute(shops: FindShop): CompatRoute {
  return {
    method: 'GET',
    path: '/logout',
    cors: 'clients',
    takesTokenInQuery: true,
    async answer(call) {
      const shop = shops(call.params.tenant)
      await recordRefusals(shop.tenant, call, (known) => logOut(shop, call, known))
      return { status: 204 }
    },
  }
}

async function logOut(shop: Shop, call: CompatCall, known: Known): Promise<void> {
  const { accessToken } = readFields(LogoutQuery, call.query)
  const { token, sub: userId, familyId, client } = await readCustomer(shop, call, known)
  if (accessToken !== token) throw new CompatRefused('access_denied', 'accessToken must be the one of the request')
  const { tenant } = shop
  const { store, audit, events } = tenant.services
  const now = Date.now()
  await store.transaction(async (tx) => {
    const ended = await endFamilies(tx, { tenant: tenant.id, ids: [familyId], reason: 'signed-out' }, now)
    const who = { tenant: tenant.id, userId, clientId: client.client_id, ...call.origin }
    await audit.record({ event: 'sign-out', ...who, detail: { scope: 'app', logins: ended.length } }, now, tx)
  })
  events.wake()
}
