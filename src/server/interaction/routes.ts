import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { InteractionStep, type StepAnswer } from '../../contract/interaction.ts'
import { checkFields, formFields } from '../http/form-body.ts'
import { refuseOtherMethods } from '../http/other-methods.ts'
import { sendPage, wantsPage } from '../http/problems.ts'
import { readCookie } from '../http/read-cookie.ts'
import { RequestError } from '../http/request-error.ts'
import { checkSameOrigin } from '../http/same-origin.ts'
import { problemPage } from '../pages/views.ts'
import { answerOrigin, findInteraction, type InteractionContext, pageFor, sealedCookie } from './interactions.ts'
import { continueStep, restartAddress } from './restart.ts'
import { takeStep } from './steps.ts'

/** Ids the engine makes; anything else never was an interaction. */
const INTERACTION_ID = /^[\w-]{20,64}$/

/** The pages a person signs in and consents on: shown by GET, each step taken by POST at the same address, as form or JSON. */
export async function interactionRoutes(app: FastifyInstance, context: InteractionContext): Promise<void> {
  const { tenant } = context
  const { limits, origin } = tenant.services
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'))
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    async (_request: unknown, body: unknown) => formFields(body as Buffer, limits),
  )

  refuseOtherMethods(app, '/interaction/:id', ['GET', 'POST'])
  app.get('/interaction/:id', async (request, reply) => {
    const interaction = await findInteraction(context, request.raw, reply.raw)
    if (!interaction) return startOver(context, request, reply)
    return show(context, request, reply, { state: await pageFor(context, interaction) }, answerOrigin(interaction))
  })

  app.post('/interaction/:id', async (request, reply) => {
    checkSameOrigin(request, origin)
    const step = readStep(request)
    checkFields(step, limits)
    const interaction = await findInteraction(context, request.raw, reply.raw)
    if (!interaction) return continueElsewhere(app, context, request, reply, step)
    const { ip, id: requestId } = request
    const { setCookie, ...answer } = await takeStep(
      { context, interaction, req: request.raw, res: reply.raw, origin: { ip, requestId } },
      step,
    )
    if (setCookie !== undefined) reply.header('set-cookie', setCookie)
    return show(context, request, reply, answer, answerOrigin(interaction))
  })
}

/** @throws {RequestError} 400 that names the field */
function readStep(request: FastifyRequest): InteractionStep {
  const parsed = InteractionStep.safeParse(request.body)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map((issue) => issue.path.join('.')).filter(Boolean)
  throw new RequestError(400, 'invalid_request', `check these fields: ${[...new Set(fields)].join(', ') || 'step'}`)
}

/** Data for a program, a page or a redirect for a person; what went wrong with a step is part of the page. */
function show(
  context: InteractionContext,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: StepAnswer,
  formTargets: string[],
) {
  reply.header('cache-control', 'no-store')
  const error = 'state' in answer && 'error' in answer.state ? answer.state.error : undefined
  const isToWait = error?.retryAfterSeconds !== undefined
  if (isToWait) reply.header('retry-after', String(error.retryAfterSeconds))
  const isRead = request.method === 'GET'
  if (!wantsPage(request))
    return reply.code(isToWait ? 429 : 200).send(isRead && 'state' in answer ? answer.state : answer)
  if ('redirectTo' in answer) return reply.redirect(answer.redirectTo, 303)
  const status = isToWait ? 429 : error ? 422 : 200
  return sendPage(reply, context.tenant.services.pages.render(answer.state, { formTargets }), status)
}

/** An interaction that ended is begun again from its sealed copy; without one the page offers the way on. */
async function startOver(context: InteractionContext, request: FastifyRequest, reply: FastifyReply) {
  const { tenant, sealer } = context
  const params = sealer.open(readCookie(request.headers.cookie, sealedCookie(tenant)))
  if (params) {
    const redirectTo = await restartAddress(context, params)
    return wantsPage(request)
      ? reply.header('cache-control', 'no-store').redirect(redirectTo, 303)
      : reply.send({ redirectTo })
  }
  const { id } = request.params as { id: string }
  const problem = INTERACTION_ID.test(id) ? 'interaction-expired' : 'interaction-unknown'
  const state = problemPage(problem, { tenant, requestId: request.id })
  const answer = request.method === 'GET' ? state : { state }
  if (!wantsPage(request)) return reply.header('cache-control', 'no-store').code(404).send(answer)
  return sendPage(reply, tenant.services.pages.render(state), 404)
}

async function continueElsewhere(
  app: FastifyInstance,
  context: InteractionContext,
  request: FastifyRequest,
  reply: FastifyReply,
  step: InteractionStep,
) {
  const sealed =
    context.sealer.open(step.sealed_request) ??
    context.sealer.open(readCookie(request.headers.cookie, sealedCookie(context.tenant)))
  if (!sealed) return startOver(context, request, reply)
  const { answer, setCookies } = await continueStep(app, {
    context,
    sealed,
    step,
    headers: request.headers,
    ip: request.ip,
  })
  reply.header('set-cookie', setCookies)
  const redirectUri = sealed.redirect_uri
  return show(context, request, reply, answer, typeof redirectUri === 'string' ? [new URL(redirectUri).origin] : [])
}
