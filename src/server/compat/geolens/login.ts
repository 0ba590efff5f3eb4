import * as z from 'zod'
import { grantTokens } from '../../engine/grants/grant-tokens.ts'
import type { TenantParts } from '../../tenant-parts.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { appClient } from './client.ts'
import { geolensDialect } from './dialect.ts'
import { tokenResponse } from './token-response.ts'

const required = z.string('field required').min(1, 'field required')

/** `scope`, `client_id` and `client_secret` may be sent, and mean nothing. */
const LoginFields = z.object({
  username: required,
  password: required,
  grant_type: z.union([z.literal('password'), z.literal('')], 'must be "password"').optional(),
})

export function loginRoute(parts: TenantParts): CompatRoute {
  return {
    method: 'POST',
    path: '/login',
    cors: 'clients',
    body: ['form'],
    answer: async (call) => ({ body: await recordRefusals(parts.tenant, call, (known) => login(parts, call, known)) }),
  }
}

async function login(parts: TenantParts, { fields, origin }: CompatCall, known: Known) {
  const client = appClient(parts.tenant, known)
  const { username, password } = readFields(LoginFields, fields)
  const params = { grant_type: 'password', username, password }
  const dialect = geolensDialect(parts.tenant)
  return tokenResponse(await grantTokens(parts, { client, params, proof: undefined, origin, dialect }))
}
