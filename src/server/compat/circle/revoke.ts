import * as z from 'zod'
import type { ClientConfig } from '../../config/schema.ts'
import { createAccessTokenReader } from '../../engine/access-token-reader.ts'
import { revokeAccessToken } from '../../engine/token-revocation.ts'
import { deleteRefreshTokens, findRefreshToken } from '../../store/refresh-tokens.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import type { TenantParts } from '../../tenant-parts.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { authenticateAppOrHolder } from './app-token.ts'

/**
 * `revokeRefreshToken` of their SDK: no more access tokens, while those that are out go on. What is unknown, somebody
 * else's or gone already is answered alike (RFC 7009 section 2.2).
 */
export function revokeRefreshTokenRoute({ tenant }: TenantParts): CompatRoute {
  return revocation(tenant, '/refresh_token/revoke', 'refresh_token', async (token, client) => {
    const { db } = tenant.services.store
    const { family } = (await findRefreshToken(db, tenant.id, token)) ?? {}
    if (family?.client_id !== client.client_id) return undefined
    await deleteRefreshTokens(db, { tenant: tenant.id, familyId: family.id })
    return family.user_id
  })
}

/** `revokeMemberAPIToken` of their SDK: this access token alone; the refresh token goes on. */
export function revokeAccessTokenRoute({ tenant, keys }: TenantParts): CompatRoute {
  const reader = createAccessTokenReader(tenant, keys)
  return revocation(tenant, '/access_token/revoke', 'access_token', async (token, client) => {
    const found = await reader.read(token)
    if (!found?.jti || found.exp === undefined || found.clientId !== client.client_id) return undefined
    await revokeAccessToken(tenant, { jti: found.jti, exp: found.exp })
    return found.accountId
  })
}

/** Revokes, and answers with whose token it was. */
type Revoke = (token: string, client: ClientConfig) => Promise<string | undefined>

function revocation(tenant: Tenant, path: string, field: string, revoke: Revoke): CompatRoute {
  const Fields = z.object({ [field]: z.string().min(1, 'must not be empty') })
  const work = async ({ fields, headers, origin }: CompatCall, known: Known) => {
    const { [field]: token = '' } = readFields(Fields, fields)
    const client = authenticateAppOrHolder(tenant, headers, { token, known })
    const userId = await revoke(token, client)
    if (userId === undefined) return
    const entry = { tenant: tenant.id, event: 'token.revoked', userId, clientId: client.client_id, ...origin } as const
    await tenant.services.audit.record(
      { ...entry, detail: { kind: field === 'access_token' ? 'access' : 'refresh' } },
      Date.now(),
    )
  }
  return {
    method: 'POST',
    path,
    cors: 'nobody',
    body: ['json', 'form'],
    async answer(call) {
      await recordRefusals(tenant, call, (known) => work(call, known))
      return { status: 204 }
    },
  }
}
