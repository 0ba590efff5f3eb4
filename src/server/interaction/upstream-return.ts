import type { StepError } from '../../contract/page-state.ts'
import { findRecord, upsertRecord } from '../store/engine-records.ts'
import type { Connection } from '../upstream/find-person.ts'
import type { Interaction, InteractionContext } from './interactions.ts'

const MODEL = 'UpstreamReturn'

/** What a person who went to a provider came back with, as long as their interaction goes on without them being in. */
export interface UpstreamReturn {
  /** Why they did not come in, until the next step. */
  error?: StepError | undefined
  /** The account they have to sign in to before it is connected. */
  connect?: Connection | undefined
}

export async function findReturn(
  { tenant, upstreams }: InteractionContext,
  { uid }: Interaction,
): Promise<UpstreamReturn> {
  if (upstreams.withCode.size === 0) return {}
  const record = await findRecord(tenant.services.store.db, { tenant: tenant.id, model: MODEL, id: uid })
  return record?.payload ?? {}
}

export async function keepReturn(
  { tenant }: InteractionContext,
  { uid }: Interaction,
  returned: UpstreamReturn,
): Promise<void> {
  const { store, limits } = tenant.services
  const expiresAt = Date.now() + limits.interaction_ttl * 1000
  await upsertRecord(store.db, { tenant: tenant.id, model: MODEL, id: uid, payload: { ...returned }, expiresAt })
}
