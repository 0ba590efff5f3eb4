import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AdapterPayload } from 'oidc-provider'
import type { GuestSealer } from '../guests/guest-session.ts'
import { acceptParsedForms } from '../http/form-body.ts'
import { refuseOtherMethods } from '../http/other-methods.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { type AccessTokenReader, JWT_MARK, looksLikeJwt } from './access-token-reader.ts'
import { identifyClient, type Known, readParams } from './client-request.ts'
import { errors } from './engine-errors.ts'
import { describeToken, mayIntrospect } from './introspection.ts'
import { renderOAuthErrors } from './oauth-errors.ts'
import { findRefreshPayload } from './refresh-token-reader.ts'
import { refuse } from './refusal.ts'

interface IntrospectionEndpoint {
  tenant: Tenant
  accessTokens: AccessTokenReader
  guests: { sealer: GuestSealer }
}

/** `POST {issuer}/introspect` (RFC 7662), without the engine, like the token endpoint; no page may read its answers. */
export async function introspectionEndpoint(app: FastifyInstance, parts: IntrospectionEndpoint): Promise<void> {
  const config = { isApi: true }
  acceptParsedForms(app, parts.tenant.services.limits)
  renderOAuthErrors(app)
  app.post('/introspect', { config }, (request, reply) => answerIntrospection(parts, request, reply))
  refuseOtherMethods(app, '/introspect', ['POST'], config)
}

async function answerIntrospection(
  parts: IntrospectionEndpoint,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const known: Known = {}
  reply.header('cache-control', 'no-store')
  try {
    return reply.send(await steps(parts, request, known))
  } catch (error) {
    return refuse(parts.tenant, request, reply, { error, event: 'token.refused', client: known.client })
  }
}

async function steps(parts: IntrospectionEndpoint, request: FastifyRequest, known: Known): Promise<object> {
  const { client, form } = identifyClient(parts.tenant, request, known)
  const { token } = readParams(form, ['token', 'token_type_hint'])
  if (token === undefined) throw new errors.InvalidRequest('missing required parameter token')
  const found = await findToken(parts, token)
  return describeToken(parts.tenant, found && mayIntrospect(client, found) ? found : undefined)
}

async function findToken(
  { tenant, accessTokens, guests }: IntrospectionEndpoint,
  token: string,
): Promise<AdapterPayload | undefined> {
  if (looksLikeJwt(token)) return accessTokens.read(JWT_MARK + token)
  return findRefreshPayload(tenant, guests.sealer, token)
}
