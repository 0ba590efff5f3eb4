import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Provider } from 'oidc-provider'
import { corsHook } from '../http/cors.ts'
import { acceptParsedForms, type FormLimits } from '../http/form-body.ts'
import { checkCharset } from '../http/json-body.ts'
import { readJsonParameters } from '../http/json-parameters.ts'
import { refuseOtherMethods } from '../http/other-methods.ts'
import { identifyClient, type Known, readParams } from './client-request.ts'
import type { GrantParts } from './grants/grant-request.ts'
import { grantTokens } from './grants/grant-tokens.ts'
import { findGrant, type Grant } from './grants/grants.ts'
import { renderOAuthErrors } from './oauth-errors.ts'
import { checkProof } from './proof-check.ts'
import { refuse } from './refusal.ts'
import type { RequestOrigin } from './request-origin.ts'

interface TokenEndpoint extends GrantParts {
  /** For its DPoP nonces, which are good at every endpoint. */
  provider: Provider
}

/** `POST {issuer}/token` (RFC 6749 section 3.2), without the engine: its layer would cost more than our commit. */
export async function tokenEndpoint(app: FastifyInstance, parts: TokenEndpoint): Promise<void> {
  const { tenant } = parts
  const config = { isApi: true }
  const onRequest = corsHook(tenant, 'clients', ['POST'])
  acceptParsedForms(app, tenant.services.limits)
  if (tenant.config.compat.acp) acceptJson(app, tenant.services.limits)
  renderOAuthErrors(app)
  app.post('/token', { onRequest, config }, (request, reply) => answerTokenRequest(parts, request, reply))
  app.options('/token', { onRequest }, (_request, reply) => reply.code(204).send())
  refuseOtherMethods(app, '/token', ['POST'], config)
}

/** For apps that were written for an endpoint which takes nothing else; any other is told that a form is (RFC 6749 section 4). */
function acceptJson(app: FastifyInstance, limits: FormLimits): void {
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async ({ headers }: FastifyRequest, body: unknown) => {
      checkCharset(headers)
      return readJsonParameters(body as Buffer, limits)
    },
  )
}

interface KnownGrant extends Known {
  grant?: Grant
}

async function answerTokenRequest(
  parts: TokenEndpoint,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const known: KnownGrant = {}
  reply.header('cache-control', 'no-store')
  try {
    return reply.send(await steps(parts, request, reply, known))
  } catch (error) {
    const { client, grant } = known
    const event = grant?.isForGuests ? 'guest.refused' : 'token.refused'
    return refuse(parts.tenant, request, reply, { error, event, client })
  }
}

/** The whole endpoint: who asks, for which grant, with which parameters and key (RFC 6749 section 3.2, RFC 9449 section 5). */
async function steps(parts: TokenEndpoint, request: FastifyRequest, reply: FastifyReply, known: KnownGrant) {
  const { tenant, provider } = parts
  const { client, form } = identifyClient(tenant, request, known)
  known.grant = findGrant(client, readParams(form, ['grant_type', 'refresh_token']))
  const params = readParams(form, ['grant_type', ...known.grant.parameters])
  const proof = await checkProof(provider, { req: request.raw, res: reply.raw, url: `${tenant.issuer}/token` })
  return grantTokens(parts, { client, params, proof, origin: originOf(request) })
}

function originOf({ ip, id: requestId, headers: { origin: page } }: FastifyRequest): RequestOrigin {
  return { ip, requestId, page }
}
