import * as z from 'zod'
import { grantTokens } from '../../engine/grants/grant-tokens.ts'
import type { TenantParts } from '../../tenant-parts.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { authenticateAppOrHolder } from './app-token.ts'
import { circleDialect } from './dialect.ts'

const RefreshFields = z.object({ refresh_token: z.string().min(1, 'must not be empty') })

/** `getMemberAPITokenFromRefreshToken` of their SDK: a new access token and nothing else, the refresh token goes on. */
export function refreshRoute(parts: TenantParts): CompatRoute {
  return {
    method: 'PATCH',
    path: '/access_token/refresh',
    cors: 'nobody',
    body: ['json', 'form'],
    answer: async (call) => ({ body: await recordRefusals(parts.tenant, call, (known) => renew(parts, call, known)) }),
  }
}

async function renew(parts: TenantParts, { fields, headers, origin }: CompatCall, known: Known) {
  const { tenant } = parts
  const { refresh_token } = readFields(RefreshFields, fields)
  const client = authenticateAppOrHolder(tenant, headers, { token: refresh_token, known })
  const params = { grant_type: 'refresh_token', refresh_token }
  const question = { client, params, proof: undefined, origin, dialect: circleDialect(tenant) }
  const answer = await grantTokens(parts, question)
  const { access_token, access_token_expires_at, refresh_token: next } = answer
  // A login that began elsewhere may have another rule, and its next token must not be lost.
  return { access_token, access_token_expires_at, ...(next !== undefined && { refresh_token: next }) }
}
