import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { corsHook } from '../http/cors.ts'
import { type FormLimits, formFields } from '../http/form-body.ts'
import { refuseOtherMethods } from '../http/other-methods.ts'
import { RequestError } from '../http/request-error.ts'
import type { CompatAnswer, CompatArea, CompatCall, CompatRoute } from './compat-area.ts'
import { deprecationHeaders } from './deprecation.ts'
import { acceptBodies, type ReadBody } from './read-body.ts'
import { refusalOf } from './refusal.ts'

/** Serves one area: reads and measures each request, and renders whatever goes wrong as its API does. */
export async function serveArea(app: FastifyInstance, area: CompatArea): Promise<void> {
  const [first] = area.tenants
  if (!first) return
  const { limits } = first.services
  acceptBodies(app, limits)
  const refuse = (error: Error, request: FastifyRequest, reply: FastifyReply) => {
    const refusal = refusalOf(error, request.id)
    if (refusal.status >= 500) request.log.error({ err: error }, 'request failed')
    if (refusal.retryAfterSeconds !== undefined) reply.header('retry-after', String(refusal.retryAfterSeconds))
    return send(reply, { status: refusal.status, ...area.render(refusal) })
  }
  app.setErrorHandler<Error>(refuse)
  app.setNotFoundHandler((request, reply) =>
    refuse(new RequestError(404, 'not-found', 'there is nothing at this address'), request, reply),
  )
  for (const [path, routes] of byPath(area)) {
    const methods = routes.map(({ method }) => method)
    for (const route of routes) {
      app.route({
        method: route.method,
        url: path,
        onRequest: [corsHook(area.tenants, route.cors, methods), deprecationHook(area, route)],
        handler: async (request, reply) => send(reply, await route.answer(readCall(request, route, limits))),
      })
    }
    answerPreflight(app, area, path, routes)
    refuseOtherMethods(app, path, methods)
  }
}

function answerPreflight(app: FastifyInstance, area: CompatArea, path: string, routes: CompatRoute[]): void {
  const [route] = routes
  if (!route || route.cors === 'nobody') return
  const methods = routes.map(({ method }) => method)
  const onRequest = corsHook(area.tenants, route.cors, methods)
  app.options(path, { onRequest }, (_request, reply) => reply.code(204).send())
}

function byPath({ routes, takesTrailingSlash }: CompatArea): Map<string, CompatRoute[]> {
  const paths = new Map<string, CompatRoute[]>()
  for (const route of routes) {
    for (const path of takesTrailingSlash ? [route.path, `${route.path}/`] : [route.path]) {
      paths.set(path, [...(paths.get(path) ?? []), route])
    }
  }
  return paths
}

function readCall(request: FastifyRequest, route: CompatRoute, limits: FormLimits): CompatCall {
  const [, query = ''] = /\?(.*)/s.exec(request.raw.url ?? '') ?? []
  return {
    fields: fieldsOf(request.body as ReadBody | undefined, route),
    query: formFields(query, limits),
    params: request.params as Record<string, string>,
    headers: request.headers,
    origin: { ip: request.ip, requestId: request.id, page: request.headers.origin },
  }
}

/** @throws {RequestError} 415 when the route takes no such body */
function fieldsOf(body: ReadBody | undefined, { body: kinds = [] }: CompatRoute): Record<string, unknown> {
  if (body === undefined) return {}
  if (kinds.includes(body.kind)) return body.fields
  const taken = kinds.length === 0 ? 'no body is' : `only ${kinds.map((kind) => BODY_WORDS[kind]).join(' or ')} is`
  throw new RequestError(415, 'unsupported-media-type', `${taken} accepted here`)
}

const BODY_WORDS = { form: 'application/x-www-form-urlencoded', json: 'application/json' }

function deprecationHook(area: CompatArea, route: CompatRoute) {
  const headers = route.takesTokenInQuery ? deprecationHeaders(area.tenants) : {}
  return async (_request: FastifyRequest, reply: FastifyReply) => void reply.headers(headers)
}

function send(reply: FastifyReply, { status = 200, headers = {}, body }: CompatAnswer): FastifyReply {
  reply.code(status).header('cache-control', 'no-store').headers(headers)
  if (body === undefined) return reply.send()
  if (!reply.hasHeader('content-type')) reply.type('application/json')
  return reply.send(JSON.stringify(body))
}
