import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AuditEvent } from '../audit/audit.ts'
import type { ClientConfig } from '../config/schema.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { errors } from './engine-errors.ts'
import { keepOrTell } from './keep-or-tell.ts'

/** What a refusal is recorded as, and under which client, as far as the request got. */
interface Refused {
  event: AuditEvent
  client: ClientConfig | undefined
}

/** Some say more than the engine's types know. */
type OAuthError = InstanceType<typeof errors.OIDCProviderError> & {
  scope?: string
  retryAfterSeconds?: number
  reason?: string
}

/**
 * Answers what was refused (RFC 6749 section 5.2), and tells the audit why.
 * @throws what is no refusal but a failure of ours
 */
export async function refuse(
  tenant: Tenant,
  request: FastifyRequest,
  reply: FastifyReply,
  { error, event, client }: Refused & { error: unknown },
): Promise<FastifyReply> {
  // 503 is a refusal as well: what we asked somebody else is away.
  if (!(error instanceof errors.OIDCProviderError) || (error.status >= 500 && error.status !== 503)) throw error
  await tellRefusal(tenant, request, { event, client }, error)
  const { retryAfterSeconds } = error as OAuthError
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
  if (error.status === 401 && request.headers.authorization !== undefined)
    reply.header('www-authenticate', challenge(tenant, error))
  return reply.code(error.status).send(asJson(error))
}

async function tellRefusal(
  tenant: Tenant,
  { ip, id: requestId }: FastifyRequest,
  { event, client }: Refused,
  error: OAuthError,
): Promise<void> {
  const detail = { error: error.error, reason: error.error_detail ?? error.error_description }
  const entry = { clientId: client?.client_id, ip, requestId, detail }
  await keepOrTell(tenant, { ...entry, event: error.error === 'invalid_client' ? 'client.refused' : event })
}

/** To a client that used Basic, in the same words whatever was wrong. */
function challenge({ issuer }: Tenant, { error, error_description }: OAuthError): string {
  return `Basic realm="${issuer}", error="${error}", error_description="${error_description}"`
}

/** `scope` names the value that was refused; `code` the reason, where OAuth has one word for several. */
function asJson({ error, error_description, scope, reason }: OAuthError): object {
  return { error, error_description, ...(scope && { scope }), ...(reason && { code: reason }) }
}
