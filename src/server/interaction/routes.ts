import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { InteractionStep, type StepAnswer } from '../../contract/interaction.ts'
import { checkFields, formFields } from '../http/form-body.ts'
import { refuseOtherMethods } from '../http/other-methods.ts'
import { sendPage, wantsPage } from '../http/problems.ts'
import { RequestError } from '../http/request-error.ts'
import { checkSameOrigin } from '../http/same-origin.ts'
import { tenantView } from '../pages/views.ts'
import { answerOrigin, findInteraction, type InteractionContext } from './interactions.ts'
import { continueStep } from './restart.ts'
import { sealedRequestOf, startOver } from './start-over.ts'
import { pageFor } from './step-pages.ts'
import { takeStep } from './steps.ts'

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
  if ('redirectTo' in answer) return goTo(context, reply, answer.redirectTo, formTargets)
  const status = isToWait ? 429 : error ? 422 : 200
  return sendPage(reply, context.tenant.services.pages.render(answer.state, { formTargets }), status)
}

/**
 * Sends the person on after a form post. The page's policy (`form-action`) also holds for every redirect that follows, and
 * a provider may make any number; so a page of ours comes in between, and going on from there is no longer that post.
 */
function goTo({ tenant }: InteractionContext, reply: FastifyReply, redirectTo: string, formTargets: string[]) {
  const { origin, pages } = tenant.services
  const address = new URL(redirectTo, origin)
  if ([origin, ...formTargets].includes(address.origin)) return reply.redirect(redirectTo, 303)
  reply.header('refresh', `0;url=${address.href}`)
  return sendPage(reply, pages.render({ page: 'leaving', tenant: tenantView(tenant), address: address.href }))
}

async function continueElsewhere(
  app: FastifyInstance,
  context: InteractionContext,
  request: FastifyRequest,
  reply: FastifyReply,
  step: InteractionStep,
) {
  const sealed = context.sealer.open(step.sealed_request) ?? sealedRequestOf(context, request)
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
