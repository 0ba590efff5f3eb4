import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PageState } from '../../contract/page-state.ts'
import type { AuditDetail, AuditEntry, AuditEvent } from '../audit/audit.ts'
import { clientOf, type Interaction, type InteractionContext } from './interactions.ts'

/** Where a step leads: on to an address, or to a page that says what else is needed. */
export type StepOutcome = ({ redirectTo: string } | { state: PageState }) & { setCookie?: string }

export interface StepRequest {
  context: InteractionContext
  interaction: Interaction
  req: IncomingMessage
  res: ServerResponse
  origin: { ip: string; requestId: string }
}

type StepEvent = Extract<AuditEvent, `sign-in.${string}` | `consent.${string}` | `upstream.${string}` | 'session.ended'>

export function audit(
  request: StepRequest,
  event: StepEvent,
  userId: string | undefined,
  detail?: AuditDetail,
): Promise<void> {
  return request.context.tenant.services.audit.record(entryOf(request, event, userId, detail), Date.now())
}

export function entryOf(
  { context, interaction, origin }: StepRequest,
  event: StepEvent,
  userId: string | undefined,
  detail?: AuditDetail,
): AuditEntry {
  const clientId = clientOf(context, interaction).client_id
  return { tenant: context.tenant.id, event, userId, clientId, ...origin, detail }
}
