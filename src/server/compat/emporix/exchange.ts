import * as z from 'zod'
import { grantTokens } from '../../engine/grants/grant-tokens.ts'
import { EXCHANGE_GRANT } from '../../engine/grants/token-exchange.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { readVisitor } from './bearer.ts'
import { customerAnswer, SESSION_IDLE_SECONDS } from './customer-answer.ts'
import { emporixDialect } from './dialect.ts'
import { guestTokenOf } from './guest-token.ts'
import type { FindShop, Shop } from './shops.ts'
import { theirScope } from './their-scope.ts'
import { keepContext } from './told-at-start.ts'

const ExchangeQuery = z.object({
  subjectAccessToken: z.string('is required').min(1, 'is required'),
  config: z
    .string()
    .optional()
    .transform((value) => value || undefined),
})

/** A visitor whom the shop's own provider has given a token. `config` names the provider, where there are several. */
export function exchangeRoute(shops: FindShop): CompatRoute {
  return {
    method: 'POST',
    path: '/exchangeauthtoken',
    cors: 'clients',
    takesTokenInQuery: true,
    async answer(call) {
      const shop = shops(call.params.tenant)
      return { body: await recordRefusals(shop.tenant, call, (known) => exchange(shop, call, known)) }
    },
  }
}

async function exchange(shop: Shop, call: CompatCall, known: Known) {
  const visitor = await readVisitor(shop, call, known)
  const { subjectAccessToken, config: provider } = readFields(ExchangeQuery, call.query)
  const params = {
    grant_type: EXCHANGE_GRANT,
    subject_token: subjectAccessToken,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    provider,
    guest_token: guestTokenOf(shop, visitor),
  }
  const question = { client: visitor.client, params, proof: undefined, origin: call.origin, dialect: emporixDialect }
  const answer = await grantTokens(shop, question)
  await keepContext(shop, visitor)
  return {
    ...customerAnswer(answer),
    saas_token: answer.access_token,
    session_id: answer.session_id,
    subject_access_token: subjectAccessToken,
    scope: theirScope(shop.tenant, answer.scope),
    session_idle_time: SESSION_IDLE_SECONDS,
  }
}
