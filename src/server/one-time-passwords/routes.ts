import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { ClientConfig, Limits } from '../config/schema.ts'
import { authenticateClient, readCredentials } from '../engine/client-authentication.ts'
import { errors } from '../engine/engine-errors.ts'
import { renderOAuthErrors } from '../engine/oauth-errors.ts'
import { TooManyRequests } from '../engine/too-many-requests.ts'
import { corsHook } from '../http/cors.ts'
import { checkFields, formFields } from '../http/form-body.ts'
import { refuseOtherMethods } from '../http/other-methods.ts'
import { RequestError } from '../http/request-error.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { LimitReached } from '../throttles/limit-reached.ts'
import { LIFETIME_SECONDS } from './mail-receiver.ts'
import { mailRequests } from './mail-request.ts'
import { requestLimits } from './request-limits.ts'

const PATH = '/one-time-password'

/** A field without a value was not sent, as in a form (RFC 6749 section 3.2). */
const Field = z
  .string()
  .optional()
  .transform((value) => value?.trim() || undefined)

const Asked = z.object({ client_id: Field, client_secret: Field, username: Field, email: Field })
type Asked = z.infer<typeof Asked>

/**
 * `POST {issuer}/one-time-password`, as form or JSON: mails a password that is good once. Answers alike, and after the
 * same work, whoever is meant: nobody is looked for before the mail is written.
 */
export async function oneTimePasswordRoutes(app: FastifyInstance, tenant: Tenant): Promise<void> {
  const { services } = tenant
  const requests = mailRequests(tenant)
  const limits = requestLimits(tenant)
  const config = { isApi: true }
  const onRequest = corsHook(tenant, 'clients', ['POST'])
  acceptFormsAndJson(app, services.limits)
  renderOAuthErrors(app)
  refuseOtherMethods(app, PATH, ['POST'], config)
  app.options(PATH, { onRequest }, (_request, reply) => reply.code(204).send())
  app.post(PATH, { onRequest, config }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    try {
      await ask(request)
      return reply.code(202).send({ expires_in: LIFETIME_SECONDS })
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError) || error.status >= 500) throw error
      return refuse(error, reply)
    }
  })

  async function ask(request: FastifyRequest): Promise<void> {
    const asked = readAsked(request, services.limits)
    const { client_id: clientId } = findClient(tenant, request, asked)
    if (!services.mailer)
      throw new RequestError(404, 'invalid_request', 'this server sends no mail: "mail" is not configured')
    const { username, email } = asked
    const names = [username, email].filter((name) => name !== undefined)
    if (names.length === 0) throw new errors.InvalidRequest('username or email is needed')
    const { ip, id: requestId } = request
    const now = Date.now()
    const { store, audit, events } = services
    await withinLimits(async () => {
      await limits.checkOpen(store.db, { names, ip }, now)
      await store.transaction(async (tx) => {
        await limits.take(tx, { names, ip }, now)
        await requests.enqueue(tx, { clientId, username, email, ip, requestId }, now)
      })
    })
    audit.tell({ tenant: tenant.id, event: 'one-time-password.asked', clientId, ip, requestId }, now)
    events.wake()
  }
}

function acceptFormsAndJson(app: FastifyInstance, limits: Limits): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'))
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    async (_request: unknown, body: unknown) => formFields(body as Buffer, limits),
  )
}

/** @throws `invalid_request` that names the field */
function readAsked({ body }: FastifyRequest, limits: Limits): Asked {
  const parsed = Asked.safeParse(body ?? {})
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join('.')).filter(Boolean)
    throw new errors.InvalidRequest(`check these fields: ${fields.join(', ') || 'the body must be an object'}`)
  }
  checkFields(Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined)), limits)
  return parsed.data
}

/** A client whose people type passwords, here or in the app. @throws `invalid_client`, `unauthorized_client` */
function findClient(tenant: Tenant, request: FastifyRequest, { client_id, client_secret }: Asked): ClientConfig {
  const shown = new URLSearchParams({ ...(client_id && { client_id }), ...(client_secret && { client_secret }) })
  const credentials = readCredentials(request.headers.authorization, shown)
  const client = authenticateClient(tenant.clients.get(credentials.clientId), credentials)
  const signsPeopleIn = client.grant_types.some((grant) => SIGNING_IN.includes(grant))
  if (!signsPeopleIn) throw new errors.UnauthorizedClient('nobody signs in to this client with a password')
  return client
}

const SIGNING_IN: readonly string[] = ['authorization_code', 'implicit', 'password']

async function withinLimits(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error
    throw new TooManyRequests(error.retryAfterSeconds, 'too many one-time passwords were asked for: try again later')
  }
}

function refuse(error: InstanceType<typeof errors.OIDCProviderError>, reply: FastifyReply): FastifyReply {
  if (error instanceof TooManyRequests) reply.header('retry-after', String(error.retryAfterSeconds))
  return reply.code(error.status).send({ error: error.error, error_description: error.error_description })
}
