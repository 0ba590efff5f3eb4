import { decodeJwt } from 'jose'
import * as z from 'zod'
import { errors } from '../../engine/engine-errors.ts'
import type { GrantAnswer } from '../../engine/grants/grant-request.ts'
import { grantTokens } from '../../engine/grants/grant-tokens.ts'
import { MEMBER_GRANT } from '../../engine/grants/member.ts'
import type { TenantParts } from '../../tenant-parts.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { CompatRefused } from '../refusal.ts'
import { authenticateApp } from './app-token.ts'
import { circleDialect } from './dialect.ts'

const Text = z.string().trim().min(1, 'must not be empty')

/** The surest name counts where several are sent. Their guides call the first one by two names. */
const MintFields = z
  .object({
    sso_user_id: Text.nullish(),
    sso_id: Text.nullish(),
    community_member_id: z
      .union([z.int().positive(), z.string().regex(/^[1-9]\d{0,14}$/)], 'must be a whole number')
      .nullish(),
    email: Text.nullish(),
  })
  .refine((fields) => Object.values(fields).some(Boolean), {
    path: ['sso_user_id'],
    message: 'name the member by sso_user_id, community_member_id or email',
  })

/** `getMemberAPITokenFromSSOId`, `…FromCommunityMemberId`, `…FromEmail` of their SDK. */
export function mintRoute(parts: TenantParts): CompatRoute {
  return {
    method: 'POST',
    path: '/auth_token',
    cors: 'nobody',
    body: ['json', 'form'],
    answer: async (call) => ({ body: await recordRefusals(parts.tenant, call, (known) => mint(parts, call, known)) }),
  }
}

async function mint(parts: TenantParts, { fields, headers, origin }: CompatCall, known: Known) {
  const { tenant } = parts
  const client = authenticateApp(tenant, headers, known)
  const { sso_user_id, sso_id, community_member_id, email } = readFields(MintFields, fields)
  const params = {
    grant_type: MEMBER_GRANT,
    sso_id: sso_user_id ?? sso_id ?? undefined,
    member_id: community_member_id?.toString(),
    email: email ?? undefined,
  }
  try {
    return theirAnswer(
      await grantTokens(parts, { client, params, proof: undefined, origin, dialect: circleDialect(tenant) }),
    )
  } catch (error) {
    throw inTheirWords(error)
  }
}

/** What a mint is refused for has a status of its own here. */
function inTheirWords(error: unknown): unknown {
  if (error instanceof errors.InvalidGrant) return new CompatRefused('not-found', 'there is no such member')
  if (error instanceof errors.InvalidRequest && error.status === 403)
    return new CompatRefused('access_denied', error.error_description ?? 'this is for servers')
  return error
}

function theirAnswer({ access_token, access_token_expires_at, refresh_token, refresh_token_expires_at }: GrantAnswer) {
  const { community_id, community_member_id } = decodeJwt(String(access_token))
  return {
    access_token,
    refresh_token,
    access_token_expires_at,
    refresh_token_expires_at,
    community_member_id,
    community_id,
  }
}
