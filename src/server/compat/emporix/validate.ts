import { findUserById } from '../../store/users.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { readCustomer } from './bearer.ts'
import type { FindShop, Shop } from './shops.ts'
import { theirScope } from './their-scope.ts'

/** Says what a customer's access token is good for, and for how long. */
export function validateRoute(shops: FindShop): CompatRoute {
  return {
    method: 'GET',
    path: '/validateauthtoken',
    cors: 'clients',
    async answer(call) {
      const shop = shops(call.params.tenant)
      return { body: await recordRefusals(shop.tenant, call, (known) => validate(shop, call, known)) }
    },
  }
}

async function validate(shop: Shop, call: CompatCall, known: Known) {
  const { tenant } = shop
  const { sub, exp, scope, sessionId, claims } = await readCustomer(shop, call, known)
  const user = await findUserById(tenant.services.store.db, tenant.id, sub)
  return {
    token_type: 'Bearer',
    expires_in: Math.floor(exp - Date.now() / 1000),
    scope: theirScope(tenant, scope),
    sessionId,
    email: user?.email ?? user?.username,
    ...(claims.legal_entity_id !== undefined && { legalEntityId: claims.legal_entity_id }),
  }
}
