import type { ClientConfig } from '../config/schema.ts'
import { keepOrTell } from '../engine/keep-or-tell.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { CompatCall } from './compat-area.ts'
import { refusalOf } from './refusal.ts'

/** What is known of a call so far, for the record of its refusal. */
export interface Known {
  client?: ClientConfig | undefined
  /** Guests come by the thousand and leave no row, for a refusal neither. */
  isForGuests?: boolean
}

/** Does what was asked; what is refused on the way is recorded as at the token endpoint, with as much as is known by then. */
export async function recordRefusals<Result>(
  tenant: Tenant,
  { origin }: CompatCall,
  work: (known: Known) => Promise<Result>,
): Promise<Result> {
  const known: Known = {}
  try {
    return await work(known)
  } catch (error) {
    if (error instanceof Error) await record(tenant, origin, known, error)
    throw error
  }
}

async function record(tenant: Tenant, origin: CompatCall['origin'], known: Known, error: Error): Promise<void> {
  const { code, status, detail: reason } = refusalOf(error, origin.requestId)
  if (status >= 500) return
  const event = known.isForGuests ? 'guest.refused' : 'token.refused'
  await keepOrTell(tenant, {
    event: code === 'invalid_client' ? 'client.refused' : event,
    clientId: known.client?.client_id,
    ...origin,
    detail: { error: code, reason },
  })
}
