import type { FastifyReply, FastifyRequest } from 'fastify'
import type { UnknownObject } from 'oidc-provider'
import { sendPage, wantsPage } from '../http/problems.ts'
import { readCookie } from '../http/read-cookie.ts'
import { problemPage } from '../pages/views.ts'
import { type InteractionContext, isInteractionId, sealedCookie } from './interactions.ts'
import { restartAddress } from './restart.ts'

/** An interaction that ended is begun again from its sealed copy; without one the page offers the way on. */
export async function startOver(context: InteractionContext, request: FastifyRequest, reply: FastifyReply) {
  const params = sealedRequestOf(context, request)
  if (!params) return sayItEnded(context, request, reply)
  const redirectTo = await restartAddress(context, params)
  reply.header('cache-control', 'no-store')
  return wantsPage(request) ? reply.redirect(redirectTo, 303) : reply.send({ redirectTo })
}

/** The request that this browser keeps for the interaction's path. */
export function sealedRequestOf(
  { tenant, sealer }: InteractionContext,
  request: FastifyRequest,
): UnknownObject | undefined {
  return sealer.open(readCookie(request.headers.cookie, sealedCookie(tenant)))
}

function sayItEnded({ tenant }: InteractionContext, request: FastifyRequest, reply: FastifyReply) {
  const { id, name: upstream } = request.params as { id: string; name?: string }
  // An answer of a provider that comes to another browser has not been open for long.
  const problem = isInteractionId(id) && upstream === undefined ? 'interaction-expired' : 'interaction-unknown'
  const state = problemPage(problem, { tenant, requestId: request.id })
  const answer = request.method === 'GET' ? state : { state }
  if (!wantsPage(request)) return reply.header('cache-control', 'no-store').code(404).send(answer)
  return sendPage(reply, tenant.services.pages.render(state), 404)
}
