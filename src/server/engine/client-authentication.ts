import type { ClientConfig } from '../config/schema.ts'
import { RequestError } from '../http/request-error.ts'
import { holdsSecret } from './client-secret.ts'
import { isPublic } from './clients.ts'
import { errors } from './engine-errors.ts'

/** Who a client says it is, and what it shows for it: nothing if it is public. */
export interface ClientCredentials {
  clientId: string
  secret: string | undefined
}

type Shown = { [Name in keyof ClientCredentials]: string | undefined }

/**
 * Reads what a client shows, by Basic or in the form, never both (RFC 6749 section 2.3).
 * @throws `invalid_request`
 */
export function readCredentials(authorization: string | undefined, form: URLSearchParams): ClientCredentials {
  const clientId = onlyValue(form, 'client_id')
  const secret = onlyValue(form, 'client_secret')
  if (authorization === undefined) return named({ clientId, secret })
  if (secret !== undefined)
    throw new errors.InvalidRequest('client authentication must only be provided using one mechanism')
  const basic = readBasic(authorization)
  if (clientId !== undefined && clientId !== basic.clientId) throw new errors.InvalidRequest('client_id mismatch')
  return named(basic)
}

/**
 * No client can register a key, so a signed assertion (RFC 7523) proves nothing. The engine would overlook it, also
 * beside another way to authenticate, where there must be one only (RFC 6749 section 2.3).
 */
export function refuseAssertion(form: URLSearchParams): void {
  if (!form.get('client_assertion') && !form.get('client_assertion_type')) return
  throw new RequestError(400, 'invalid_request', 'signed client assertions are not accepted here')
}

/**
 * The client that these credentials are of. Nobody learns which of the names is known, closed or merely shown a wrong
 * secret (RFC 6749 section 5.2).
 * @throws `invalid_client`
 */
export function authenticateClient(client: ClientConfig | undefined, { secret }: ClientCredentials): ClientConfig {
  if (!client) throw new errors.InvalidClientAuth('client not found')
  const isTheirs = secret === undefined ? isPublic(client) : holdsSecret(client, secret, Date.now())
  if (!isTheirs) throw new errors.InvalidClientAuth('invalid secret provided')
  return client
}

function named({ clientId, secret }: Shown): ClientCredentials {
  if (clientId === undefined) throw new errors.InvalidRequest('no client authentication mechanism provided')
  return { clientId, secret }
}

/** A parameter without a value was not sent (RFC 6749 section 3.2). @throws `invalid_request` when it comes twice */
function onlyValue(form: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = form.getAll(name)
  if (more.length > 0) throw new errors.InvalidRequest(`'${name}' parameter must not be provided twice`)
  return value || undefined
}

/** @throws `invalid_request` unless id and secret are there, each percent-encoded (RFC 6749 section 2.3.1) */
function readBasic(authorization: string): Shown {
  const [, encoded] = /^basic ([a-z\d+/]+={0,2})$/i.exec(authorization) ?? []
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? []
  if (id === undefined || secret === undefined)
    throw new errors.InvalidRequest('invalid authorization header value format')
  const clientId = decodeBasic(id)
  if (clientId === '' || secret === '')
    throw new errors.InvalidRequest('client_secret must be provided in the Authorization header')
  return { clientId, secret: decodeBasic(secret) }
}

/** @throws `invalid_request` for what is neither encoded nor printable ASCII */
function decodeBasic(value: string): string {
  try {
    const decoded = decodeURIComponent(value.replaceAll('+', '%20'))
    if (/^[\x20-\x7e]*$/.test(decoded)) return decoded
  } catch {
    // A stray % is answered like any other character that has no place here.
  }
  throw new errors.InvalidRequest('client_id and client_secret in the authorization header are not properly encoded')
}
