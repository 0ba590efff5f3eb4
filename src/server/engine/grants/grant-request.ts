import type { ClientConfig } from '../../config/schema.ts'
import type { GuestServices } from '../../guests/guest-services.ts'
import type { TokenSigner } from '../../keys/token-signer.ts'
import { insertRecord } from '../../store/engine-records.ts'
import type { Db } from '../../store/store.ts'
import type { UserRow } from '../../store/tables.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import type { Upstreams } from '../../upstream/upstreams.ts'
import { findUsablePerson } from '../accounts.ts'
import { errors } from '../engine-errors.ts'
import type { Proof } from '../proof-check.ts'
import type { RequestOrigin } from '../request-origin.ts'
import type { MintLimit } from './mint-limit.ts'
import type { TokenDialect } from './token-dialect.ts'

/** What every grant of a tenant works with. */
export interface GrantParts {
  tenant: Tenant
  signer: TokenSigner
  guests: GuestServices
  mints: MintLimit
  upstreams: Upstreams
}

/** What every grant handler works on: the client is authenticated, the proof's signature checked. */
export interface GrantRequest extends GrantParts {
  client: ClientConfig
  params: GrantParams
  /** Not yet checked for replay. */
  proof: Proof | undefined
  origin: RequestOrigin
  dialect?: TokenDialect | undefined
}

/** The parameters of a grant by their wire names; one that was sent empty isn't there (RFC 6749 section 3.2). */
export type GrantParams = Readonly<Record<string, string | undefined>>

export type GrantAnswer = Record<string, unknown>

export type GrantHandler = (request: GrantRequest) => Promise<GrantAnswer>

/** @throws `invalid_request` naming the parameter that is missing. */
export function requireParam({ params }: Pick<GrantRequest, 'params'>, name: string): string {
  const value = params[name]
  if (value === undefined || value === '') throw new errors.InvalidRequest(`missing required parameter ${name}`)
  return value
}

/** @throws `invalid_grant` when the person is gone or disabled: also at redemption and refresh, not only at the page. */
export async function loadPerson({ tenant }: GrantRequest, userId: string): Promise<UserRow> {
  const user = await findUsablePerson(tenant, userId)
  if (!user) throw new errors.InvalidGrant('the account this belongs to can no longer be used')
  return user
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
