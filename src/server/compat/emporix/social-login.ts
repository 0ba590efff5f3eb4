import * as z from 'zod'
import { grantTokens } from '../../engine/grants/grant-tokens.ts'
import { UPSTREAM_GRANT } from '../../engine/grants/upstream.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { readVisitor } from './bearer.ts'
import { SESSION_IDLE_SECONDS } from './customer-answer.ts'
import { emporixDialect } from './dialect.ts'
import { guestTokenOf } from './guest-token.ts'
import type { FindShop, Shop } from './shops.ts'
import { theirScope } from './their-scope.ts'
import { keepContext } from './told-at-start.ts'

const required = z.string('is required').min(1, 'is required')
const optional = z
  .string()
  .optional()
  .transform((value) => value || undefined)

const SocialQuery = z.object({ code: required, redirect_uri: required, code_verifier: optional, state: optional })

/** A visitor comes back from the shop's own provider with its code. `state` names which, where there are several. */
export function socialLoginRoute(shops: FindShop): CompatRoute {
  return {
    method: 'POST',
    path: '/socialLogin',
    cors: 'clients',
    takesTokenInQuery: true,
    async answer(call) {
      const shop = shops(call.params.tenant)
      return { body: await recordRefusals(shop.tenant, call, (known) => logIn(shop, call, known)) }
    },
  }
}

async function logIn(shop: Shop, call: CompatCall, known: Known) {
  const visitor = await readVisitor(shop, call, known)
  const { client } = visitor
  const { 'session-id': sessionId } = call.headers
  const params = {
    grant_type: UPSTREAM_GRANT,
    ...readFields(SocialQuery, call.query),
    guest_token: guestTokenOf(shop, visitor),
    session_id: typeof sessionId === 'string' ? sessionId : undefined,
    ...(client.upstream_tokens && { upstream_tokens: 'true' }),
  }
  const question = { client, params, proof: undefined, origin: call.origin, dialect: emporixDialect }
  const answer = await grantTokens(shop, question)
  await keepContext(shop, visitor)
  return {
    ...(client.upstream_tokens && {
      social_access_token: answer.upstream_access_token,
      social_id_token: answer.upstream_id_token,
    }),
    access_token: answer.access_token,
    saas_token: answer.access_token,
    token_type: 'Bearer',
    // In this answer alone, ends are text.
    expires_in: String(answer.expires_in),
    ...(answer.refresh_token !== undefined && {
      refresh_token: answer.refresh_token,
      refresh_token_expires_in: String(answer.refresh_token_expires_in),
    }),
    session_idle_time: SESSION_IDLE_SECONDS,
    scope: theirScope(shop.tenant, answer.scope),
  }
}
