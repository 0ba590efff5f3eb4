import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Provider } from 'oidc-provider'
import { type CorsRule, corsHook } from '../http/cors.ts'
import { acceptForms, readForm } from '../http/form-body.ts'
import { refuseOtherMethods } from '../http/other-methods.ts'
import { statusOf, UNAVAILABLE_RETRY_SECONDS } from '../http/problems.ts'
import { RequestError } from '../http/request-error.ts'
import { checkSameOrigin } from '../http/same-origin.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { JWT_MARK } from './access-token-reader.ts'
import { checkSignOutScope } from './sign-out-scope.ts'

interface EngineRoute {
  path: string
  methods: HTTPMethods[]
  cors: CorsRule
  /** Asked by programs: errors are OAuth JSON whatever the Accept header says. */
  isApi: boolean
  /** Changes something for the person signed in. */
  isSameOriginOnly?: boolean
  /** Looks at what the engine doesn't know of. @throws {RequestError} */
  checkQuery?(query: URLSearchParams): void
}

const ROUTES: readonly EngineRoute[] = [
  { path: '/authorize', methods: ['GET'], cors: 'nobody', isApi: false },
  { path: '/authorize/:uid', methods: ['GET'], cors: 'nobody', isApi: false },
  { path: '/logout', methods: ['GET'], cors: 'nobody', isApi: false, checkQuery: checkSignOutScope },
  { path: '/logout/confirm', methods: ['POST'], cors: 'nobody', isApi: false, isSameOriginOnly: true },
  { path: '/logout/success', methods: ['GET'], cors: 'nobody', isApi: false },
  { path: '/token', methods: ['POST'], cors: 'clients', isApi: true },
  { path: '/par', methods: ['POST'], cors: 'clients', isApi: true },
  { path: '/revoke', methods: ['POST'], cors: 'clients', isApi: true },
  { path: '/userinfo', methods: ['GET', 'POST'], cors: 'clients', isApi: true },
  { path: '/introspect', methods: ['POST'], cors: 'nobody', isApi: true },
  { path: '/jwks', methods: ['GET'], cors: 'anyone', isApi: true },
  { path: '/.well-known/openid-configuration', methods: ['GET'], cors: 'anyone', isApi: true },
  { path: '/.well-known/oauth-authorization-server', methods: ['GET'], cors: 'anyone', isApi: true },
]

interface MountedEngine {
  tenant: Tenant
  provider: Provider
  /** Answers token requests of ours; `undefined` leaves them to the engine. */
  answerBefore(request: FastifyRequest, reply: FastifyReply, form: URLSearchParams): Promise<FastifyReply> | undefined
}

/** Puts the engine behind its routes; everything else below the tenant's path is ours. */
export async function mountEngine(
  app: FastifyInstance,
  { tenant, provider, answerBefore }: MountedEngine,
): Promise<void> {
  const handOver = engineHandOver(tenant, provider)
  const { limits } = tenant.services
  acceptForms(app, limits)
  renderOAuthErrors(app)
  for (const route of ROUTES) {
    const onRequest = corsHook(tenant, route.cors, route.methods)
    const { path: url, methods, isApi, isSameOriginOnly, checkQuery } = route
    app.route({
      method: methods,
      url,
      onRequest,
      config: { isApi },
      handler: async (request, reply) => {
        const query = readForm(request.raw.url?.split('?')[1] ?? '', limits)
        checkQuery?.(query)
        if (isSameOriginOnly) checkSameOrigin(request, tenant.services.origin)
        const form = Buffer.isBuffer(request.body) ? new URLSearchParams(request.body.toString()) : undefined
        if (form) refuseAssertion(form)
        const ours = form && url === '/token' ? answerBefore(request, reply, form) : undefined
        return ours ?? handOver(request, reply, isApi)
      },
    })
    if (route.cors !== 'nobody') app.options(url, { onRequest }, (_request, reply) => reply.code(204).send())
    refuseOtherMethods(app, url, methods, { isApi })
  }
}

/**
 * No client can register a key, so a signed assertion (RFC 7523) proves nothing. The engine would overlook it, also
 * beside another way to authenticate, where there must be one only (RFC 6749 section 2.3).
 */
function refuseAssertion(form: URLSearchParams): void {
  if (!form.get('client_assertion') && !form.get('client_assertion_type')) return
  throw new RequestError(400, 'invalid_request', 'signed client assertions are not accepted here')
}

declare module 'fastify' {
  interface FastifyContextConfig {
    isApi?: boolean
  }
}

/** Refusals before the engine look like its own (RFC 6749 section 5.2). */
function renderOAuthErrors(app: FastifyInstance): void {
  const pageErrors = app.errorHandler
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (!request.routeOptions.config.isApi) return pageErrors(error as never, request, reply)
    const status = statusOf(error)
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    if (status === 503) reply.header('retry-after', String(UNAVAILABLE_RETRY_SECONDS))
    return reply.code(status).header('cache-control', 'no-store').send(oauthError(error, status))
  })
}

function oauthError(error: Error, status: number): { error: string; error_description: string } {
  if (status === 503) return { error: 'temporarily_unavailable', error_description: 'try again in a moment' }
  if (status >= 500) return { error: 'server_error', error_description: 'something went wrong here' }
  return { error: 'invalid_request', error_description: descriptionOf(error, status) }
}

function descriptionOf(error: Error, status: number): string {
  if (error instanceof RequestError) return error.message
  return status === 413 ? 'this body is too large' : 'only application/x-www-form-urlencoded bodies are supported'
}

type EngineRequest = IncomingMessage & {
  baseUrl?: string
  portico?: { ip: string; requestId: string }
  iterator: (options?: { destroyOnReturn?: boolean }) => AsyncIterator<Buffer, undefined>
}

/** Gives a request to the engine as if it were mounted at the tenant's path, on the configured origin. */
function engineHandOver(tenant: Tenant, provider: Provider) {
  provider.use(leaveCorsToTheEdge)
  const callback = provider.callback()
  const { host, protocol } = new URL(tenant.services.origin)
  return async (request: FastifyRequest, reply: FastifyReply, isApi: boolean): Promise<void> => {
    reply.hijack()
    const raw = request.raw as EngineRequest
    raw.portico = { ip: request.ip, requestId: request.id }
    // What forwarding headers said has been judged at the edge; the engine hears only what is configured.
    raw.headers['x-forwarded-proto'] = protocol.slice(0, -1)
    raw.headers['x-forwarded-host'] = host
    if (isApi) raw.headers.accept = 'application/json'
    if (Buffer.isBuffer(request.body)) replayBody(raw, markJwt(request.body))
    raw.baseUrl = tenant.path
    raw.url = raw.url?.slice(tenant.path.length) ?? '/'
    await callback(raw, reply.raw as ServerResponse)
  }
}

/** Who may read an answer has been decided; the engine would let every page read some that nobody's page may. */
const leaveCorsToTheEdge: Parameters<Provider['use']>[0] = async ({ response }, next) => {
  const decided = new Set(Object.keys(response.headers))
  await next()
  const added = Object.keys(response.headers).filter((name) => name.startsWith('access-control-') && !decided.has(name))
  for (const name of added) response.remove(name)
}

/** The engine refuses to introspect or revoke anything that reads as a JWT; our adapter knows ours by this mark. */
function markJwt(body: Buffer): Buffer {
  const form = new URLSearchParams(body.toString())
  const token = form.get('token')
  if (token === null || token.split('.').length !== 3 || !token.startsWith('eyJ')) return body
  form.set('token', `${JWT_MARK}${token}`)
  return Buffer.from(form.toString())
}

/** The edge has read the body; the engine reads streams. */
function replayBody(raw: EngineRequest, body: Buffer): void {
  Object.defineProperty(raw, 'readable', { value: true })
  raw.iterator = async function* () {
    yield body
    return undefined
  }
  raw.headers['content-length'] = String(body.length)
}
