import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Provider } from 'oidc-provider'
import { type CorsRule, corsHook } from '../http/cors.ts'
import { acceptForms, readForm } from '../http/form-body.ts'
import { refuseOtherMethods } from '../http/other-methods.ts'
import { checkSameOrigin } from '../http/same-origin.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { JWT_MARK, looksLikeJwt } from './access-token-reader.ts'
import { refuseAssertion } from './client-authentication.ts'
import { renderOAuthErrors } from './oauth-errors.ts'
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
  { path: '/par', methods: ['POST'], cors: 'clients', isApi: true },
  { path: '/revoke', methods: ['POST'], cors: 'clients', isApi: true },
  { path: '/userinfo', methods: ['GET', 'POST'], cors: 'clients', isApi: true },
  { path: '/jwks', methods: ['GET'], cors: 'anyone', isApi: true },
  { path: '/.well-known/openid-configuration', methods: ['GET'], cors: 'anyone', isApi: true },
  { path: '/.well-known/oauth-authorization-server', methods: ['GET'], cors: 'anyone', isApi: true },
]

interface MountedEngine {
  tenant: Tenant
  provider: Provider
}

/** Puts the engine behind its routes; everything else below the tenant's path is ours. */
export async function mountEngine(app: FastifyInstance, { tenant, provider }: MountedEngine): Promise<void> {
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
        if (Buffer.isBuffer(request.body)) refuseAssertion(new URLSearchParams(request.body.toString()))
        return handOver(request, reply, isApi)
      },
    })
    if (route.cors !== 'nobody') app.options(url, { onRequest }, (_request, reply) => reply.code(204).send())
    refuseOtherMethods(app, url, methods, { isApi })
  }
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

/** The engine refuses to revoke anything that reads as a JWT; our adapter knows ours by this mark. */
function markJwt(body: Buffer): Buffer {
  const form = new URLSearchParams(body.toString())
  const token = form.get('token')
  if (token === null || !looksLikeJwt(token)) return body
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
