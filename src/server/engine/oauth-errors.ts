import type { FastifyInstance } from 'fastify'
import { statusOf, UNAVAILABLE_RETRY_SECONDS } from '../http/problems.ts'
import { RequestError } from '../http/request-error.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Asked by programs: errors are OAuth JSON whatever the Accept header says. */
    isApi?: boolean
  }
}

const JSON_TYPE = 'application/json'

/** Refusals at the edge look like the engine's own (RFC 6749 section 5.2). */
export function renderOAuthErrors(app: FastifyInstance): void {
  const pageErrors = app.errorHandler
  const bodies = `application/x-www-form-urlencoded${app.hasContentTypeParser(JSON_TYPE) ? ` or ${JSON_TYPE}` : ''}`
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (!request.routeOptions.config.isApi) return pageErrors(error as never, request, reply)
    const status = statusOf(error)
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    if (status === 503) reply.header('retry-after', String(UNAVAILABLE_RETRY_SECONDS))
    return reply
      .code(status)
      .header('cache-control', 'no-store')
      .send(oauthError(error, status, bodies))
  })
}

function oauthError(error: Error, status: number, bodies: string): { error: string; error_description: string } {
  if (status === 503) return { error: 'temporarily_unavailable', error_description: 'try again in a moment' }
  if (status >= 500) return { error: 'server_error', error_description: 'something went wrong here' }
  return { error: 'invalid_request', error_description: descriptionOf(error, status, bodies) }
}

function descriptionOf(error: Error, status: number, bodies: string): string {
  if (error instanceof RequestError) return error.message
  return status === 413 ? 'this body is too large' : `only ${bodies} bodies are supported`
}
