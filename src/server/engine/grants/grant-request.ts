import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider'
import type { ClientConfig } from '../../config/schema.ts'
import { insertRecord } from '../../store/engine-records.ts'
import type { Db } from '../../store/store.ts'
import { loadClient, type Tenant } from '../../tenant/tenant.ts'
import { accountFinder, type PersonAccount } from '../accounts.ts'
import { checkDpopRequired, validateDpop } from '../internals.ts'

/** A verified DPoP proof (RFC 9449 section 4.3); not yet checked for replay. */
export interface Proof {
  thumbprint: string
  jti: string
}

/** What every grant handler works on: the client is authenticated, the proof's signature checked. */
export interface GrantRequest {
  ctx: KoaContextWithOIDC
  provider: Provider
  tenant: Tenant
  client: ClientConfig
  proof: Proof | undefined
  /** Where the request came from, for the audit. */
  origin: { ip: string; requestId: string }
}

export type GrantHandler = (request: GrantRequest) => Promise<Record<string, unknown>>

/** Adapts a handler of ours to the engine's registration. */
export function engineHandler(provider: Provider, tenant: Tenant, handle: GrantHandler) {
  return async (ctx: KoaContextWithOIDC): Promise<void> => {
    const proof = await validateDpop(provider, ctx)
    checkDpopRequired(provider, ctx, proof)
    const client = loadClient(tenant, ctx.oidc.client?.clientId ?? '')
    ctx.body = await handle({ ctx, provider, tenant, client, proof, origin: requestOrigin(ctx) })
  }
}

/** The edge names both on the raw request before it hands it to the engine. */
export function requestOrigin(ctx: KoaContextWithOIDC): { ip: string; requestId: string } {
  const { portico } = ctx.req as typeof ctx.req & { portico?: { ip: string; requestId: string } }
  return portico ?? { ip: '', requestId: '' }
}

/** @throws `invalid_request` naming the parameter that is missing. */
export function requireParam({ ctx }: GrantRequest, name: string): string {
  const value = ctx.oidc.params?.[name]
  if (typeof value !== 'string' || value === '') throw new errors.InvalidRequest(`missing required parameter ${name}`)
  return value
}

/** @throws `invalid_grant` when the person is gone or disabled: also at redemption and refresh, not only at the page. */
export async function loadPerson({ ctx, tenant }: GrantRequest, userId: string): Promise<PersonAccount> {
  const account = await accountFinder(tenant)(ctx, userId)
  if (!account) throw new errors.InvalidGrant('the account this belongs to can no longer be used')
  return account as PersonAccount
}

const PROOF_MEMORY_MS = 600_000

/**
 * Spends a proof's `jti` (RFC 9449 section 11.1), inside the transaction that uses it.
 * @throws `invalid_dpop_proof` when it was seen before: the grant may be good, and another proof shows it.
 */
export async function spendProof(db: Db, { tenant, client, proof }: GrantRequest, now: number): Promise<void> {
  if (!proof) return
  const isNew = await insertRecord(db, {
    tenant: tenant.id,
    model: 'ReplayDetection',
    id: `${client.client_id} ${proof.thumbprint} ${proof.jti}`,
    payload: {},
    expiresAt: now + PROOF_MEMORY_MS,
  })
  if (!isNew) throw new errors.InvalidDpopProof('this DPoP proof was used before: sign a new one for each request')
}
