import type { FastifyRequest } from 'fastify'
import type { ClientConfig } from '../config/schema.ts'
import { readForm } from '../http/form-body.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { authenticateClient, readCredentials, refuseAssertion } from './client-authentication.ts'
import { errors } from './engine-errors.ts'
import type { GrantParams } from './grants/grant-request.ts'

/** A form, and the client that has sent it. */
export interface ClientRequest {
  client: ClientConfig
  form: URLSearchParams
}

/** What is known of a request so far, for the audit of its refusal. */
export interface Known {
  client?: ClientConfig | undefined
}

/** What every endpoint for clients begins with (RFC 6749 section 2.3). @throws `invalid_request`, `invalid_client` */
export function identifyClient(tenant: Tenant, request: FastifyRequest, known: Known): ClientRequest {
  checkQuery(tenant, request)
  const form = formOf(request)
  refuseAssertion(form)
  const credentials = readCredentials(request.headers.authorization, form)
  known.client = tenant.clients.get(credentials.clientId)
  return { client: authenticateClient(known.client, credentials), form }
}

/** What is in the address counts for nothing (RFC 6749 section 3.2), and is no longer than a form may be. */
function checkQuery({ services }: Tenant, { raw }: FastifyRequest): void {
  const [, query] = raw.url?.split('?', 2) ?? []
  if (query) readForm(query, services.limits)
}

/** A request without a body has an empty one. */
function formOf({ body }: FastifyRequest): URLSearchParams {
  return body instanceof URLSearchParams ? body : new URLSearchParams()
}

/**
 * The parameters of these names; one without a value was not sent, and none may come twice (RFC 6749 section 3.2).
 * @throws `invalid_request`
 */
export function readParams(form: URLSearchParams, names: readonly string[]): GrantParams {
  const params: Record<string, string | undefined> = {}
  for (const name of names) {
    const [value, ...more] = form.getAll(name)
    if (more.length > 0) throw new errors.InvalidRequest(`'${name}' parameter must not be provided twice`)
    params[name] = value || undefined
  }
  return params
}
