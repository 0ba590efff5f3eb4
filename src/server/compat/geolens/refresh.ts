import * as z from 'zod'
import { grantTokens } from '../../engine/grants/grant-tokens.ts'
import type { TenantParts } from '../../tenant-parts.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { appClient } from './client.ts'
import { geolensDialect } from './dialect.ts'
import { tokenResponse } from './token-response.ts'

/** Their limit on what may be sent as one. */
const REFRESH_TOKEN_CHARACTERS = 512

export const RefreshFields = z.object({
  refresh_token: z
    .string('field required')
    .min(1, 'field required')
    .max(REFRESH_TOKEN_CHARACTERS, `at most ${REFRESH_TOKEN_CHARACTERS} characters`),
})

/** A new pair; the old refresh token stays good for the client's grace, so that parallel tabs each get one. */
export function refreshRoute(parts: TenantParts): CompatRoute {
  return {
    method: 'POST',
    path: '/refresh',
    cors: 'clients',
    body: ['json'],
    answer: async (call) => ({ body: await recordRefusals(parts.tenant, call, (known) => renew(parts, call, known)) }),
  }
}

async function renew(parts: TenantParts, { fields, origin }: CompatCall, known: Known) {
  const client = appClient(parts.tenant, known)
  const params = { grant_type: 'refresh_token', ...readFields(RefreshFields, fields) }
  const dialect = geolensDialect(parts.tenant)
  return tokenResponse(await grantTokens(parts, { client, params, proof: undefined, origin, dialect }))
}
