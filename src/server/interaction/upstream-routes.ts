import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { acceptForms, readForm } from '../http/form-body.ts'
import { refuseOtherMethods } from '../http/other-methods.ts'
import { sendPage } from '../http/problems.ts'
import { problemPage } from '../pages/views.ts'
import { interactionIdOf, providerNameOf } from '../upstream/state.ts'
import { callbackPath } from '../upstream/upstreams.ts'
import { findInteraction, type InteractionContext, interactionPath } from './interactions.ts'
import { startOver } from './start-over.ts'
import { returnFromUpstream } from './upstream-steps.ts'

/**
 * Where people come back from a provider: to one address for each, by GET or by a form it posts, and from there to the
 * address of their interaction. Only there does the browser bring the cookie that shows whose interaction it is, also
 * after a post from another site.
 */
export async function upstreamRoutes(app: FastifyInstance, context: InteractionContext): Promise<void> {
  const { limits } = context.tenant.services
  acceptForms(app, limits)
  refuseOtherMethods(app, callbackPath(':name'), ['GET', 'POST'])
  app.get(callbackPath(':name'), (request, reply) =>
    comeBack(context, request, reply, readForm(queryOf(request), limits)),
  )
  app.post(callbackPath(':name'), (request, reply) =>
    comeBack(context, request, reply, new URLSearchParams(String(request.body ?? ''))),
  )

  refuseOtherMethods(app, '/interaction/:id/upstream/:name', ['GET'])
  app.get('/interaction/:id/upstream/:name', async (request, reply) => {
    const upstream = context.upstreams.withCode.get(nameOf(request))
    if (!upstream) return reply.callNotFound()
    const interaction = await findInteraction(context, request.raw, reply.raw)
    if (!interaction) return startOver(context, request, reply)
    const { ip, id: requestId } = request
    const step = { context, interaction, req: request.raw, res: reply.raw, origin: { ip, requestId } }
    const next = await returnFromUpstream(step, upstream, readForm(queryOf(request), limits))
    return reply.header('cache-control', 'no-store').redirect(next, 303)
  })
}

function comeBack(
  { tenant, upstreams }: InteractionContext,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: URLSearchParams,
) {
  const name = nameOf(request)
  if (!upstreams.withCode.has(name)) return reply.callNotFound()
  const state = answer.get('state') ?? ''
  const interactionId = interactionIdOf(state)
  if (interactionId === undefined || providerNameOf(state) !== name) {
    const page = problemPage('interaction-unknown', { tenant, requestId: request.id })
    return sendPage(reply, tenant.services.pages.render(page), 400)
  }
  const address = `${interactionPath(tenant, interactionId)}/upstream/${name}?${answer}`
  return reply.header('cache-control', 'no-store').redirect(address, 303)
}

function nameOf(request: FastifyRequest): string {
  return (request.params as { name: string }).name
}

function queryOf(request: FastifyRequest): string {
  const { url = '' } = request.raw
  return url.includes('?') ? url.slice(url.indexOf('?') + 1) : ''
}
