import * as z from 'zod'
import { authenticateClient, readCredentials, refuseAssertion } from '../../engine/client-authentication.ts'
import type { GrantAnswer, GrantParams } from '../../engine/grants/grant-request.ts'
import { grantTokens } from '../../engine/grants/grant-tokens.ts'
import { GUEST_GRANT } from '../../guests/guest-grant.ts'
import type { TenantParts } from '../../tenant-parts.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { ordercloudDialect } from './dialect.ts'
import { grantParams } from './grant-params.ts'

/** What their SDK sends; one that is sent empty isn't there (RFC 6749 section 3.2). */
const text = z
  .string()
  .optional()
  .transform((value) => value || undefined)
const TokenFields = z.object({
  grant_type: text,
  username: text,
  password: text,
  scope: text,
  refresh_token: text,
  anonuserid: text,
})

/** `Login`, `ElevatedLogin`, `ClientCredentials`, `Anonymous` and `RefreshToken` of their SDK. */
export function tokenRoute(parts: TenantParts): CompatRoute {
  return {
    method: 'POST',
    path: '/token',
    cors: 'clients',
    body: ['form'],
    answer: async (call) => ({ body: await recordRefusals(parts.tenant, call, (known) => grant(parts, call, known)) }),
  }
}

async function grant(parts: TenantParts, { fields, headers, origin }: CompatCall, known: Known) {
  const { tenant } = parts
  const form = new URLSearchParams(fields as Record<string, string>)
  refuseAssertion(form)
  const credentials = readCredentials(headers.authorization, form)
  known.client = tenant.clients.get(credentials.clientId)
  const client = authenticateClient(known.client, credentials)
  const sent = readFields(TokenFields, fields)
  const params = grantParams(tenant, client, sent)
  known.isForGuests = params.grant_type === GUEST_GRANT
  const dialect = await ordercloudDialect(tenant, client)
  return theirAnswer(await grantTokens(parts, { client, params, proof: undefined, origin, dialect }), sent)
}

/** The four fields they document; a refresh token that stays the same is told again, because apps store what they are told. */
function theirAnswer({ access_token, expires_in, refresh_token }: GrantAnswer, sent: GrantParams) {
  const kept = refresh_token ?? sent.refresh_token
  return {
    access_token,
    token_type: 'bearer',
    // Whole seconds that are left when the answer arrives.
    expires_in: Number(expires_in) - 1,
    ...(kept !== undefined && { refresh_token: kept }),
  }
}
