import { consumeRecord, findRecord, insertRecord } from '../store/engine-records.ts'
import type { Upstreams } from './upstreams.ts'

const MODEL = 'UpstreamRequest'

/** What an authorization request at a provider is tied to. */
export interface RequestKey {
  state: string
  /** Name of the provider. */
  provider: string
  interactionId: string
}

/** What only the answer to this request may be checked with. */
export interface PendingRequest {
  nonce: string
  /** Of PKCE (RFC 7636). */
  verifier: string
  /** Epoch seconds, when the person was to prove themselves anew. */
  askedAgainAt?: number | undefined
}

export async function keepRequest(
  { tenant, sealer }: Upstreams,
  { state, provider, interactionId }: RequestKey,
  request: PendingRequest,
): Promise<void> {
  const { store, limits } = tenant.services
  await insertRecord(store.db, {
    tenant: tenant.id,
    model: MODEL,
    id: state,
    payload: { provider, interactionId, sealed: sealer.seal(JSON.stringify(request), `${tenant.id} ${state}`) },
    // Whoever comes back later finds the interaction ended as well.
    expiresAt: Date.now() + limits.interaction_ttl * 1000,
  })
}

/**
 * The request an answer belongs to, once: nothing when there was none, when it is not this provider's or this
 * interaction's, or when its answer has come before.
 */
export async function takeRequest(
  { tenant, sealer }: Upstreams,
  { state, provider, interactionId }: RequestKey,
): Promise<PendingRequest | undefined> {
  const { db } = tenant.services.store
  const key = { tenant: tenant.id, model: MODEL, id: state }
  const found = await findRecord(db, key)
  if (found?.payload.provider !== provider || found.payload.interactionId !== interactionId) return undefined
  if (!(await consumeRecord(db, key, Date.now()))) return undefined
  const plain = sealer.open(String(found.payload.sealed), `${tenant.id} ${state}`)
  return plain ? (JSON.parse(Buffer.from(plain).toString()) as PendingRequest) : undefined
}
