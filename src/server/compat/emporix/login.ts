import * as z from 'zod'
import { grantTokens } from '../../engine/grants/grant-tokens.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { readVisitor } from './bearer.ts'
import { customerAnswer } from './customer-answer.ts'
import { emporixDialect } from './dialect.ts'
import { guestTokenOf } from './guest-token.ts'
import type { FindShop, Shop } from './shops.ts'
import { keepContext } from './told-at-start.ts'

const required = z.string('is required').min(1, 'is required')
const LoginFields = z.object({ email: required, password: required })

/** A visitor becomes a customer, and keeps the session id. */
export function loginRoute(shops: FindShop): CompatRoute {
  return {
    method: 'POST',
    path: '/login',
    cors: 'clients',
    body: ['json'],
    async answer(call) {
      const shop = shops(call.params.tenant)
      return { body: await recordRefusals(shop.tenant, call, (known) => login(shop, call, known)) }
    },
  }
}

async function login(shop: Shop, call: CompatCall, known: Known) {
  const visitor = await readVisitor(shop, call, known)
  const { email: username, password } = readFields(LoginFields, call.fields)
  const params = { grant_type: 'password', username, password, guest_token: guestTokenOf(shop, visitor) }
  const { client } = visitor
  const answer = await grantTokens(shop, {
    client,
    params,
    proof: undefined,
    origin: call.origin,
    dialect: emporixDialect,
  })
  await keepContext(shop, visitor)
  return {
    ...customerAnswer(answer),
    saas_token: answer.access_token,
    session_id: answer.session_id,
    // Nobody but the person sets a password here.
    initialPassword: false,
  }
}
