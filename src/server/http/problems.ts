import { STATUS_CODES } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ProblemCode } from '../../contract/page-state.ts'
import type { ProblemDetails } from '../../contract/problem-details.ts'
import type { Pages, RenderedPage } from '../pages/pages.ts'
import { problemPage } from '../pages/views.ts'
import { isUnavailable } from '../store/unavailable.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { RequestError } from './request-error.ts'
import { setSecurityHeaders } from './security-headers.ts'

/** Long enough for a database to come back, short enough for a person to wait. */
export const UNAVAILABLE_RETRY_SECONDS = 2

export interface Problem {
  status: number
  code: string
  /** For whoever sent the request: what to do. */
  detail: string
}

/** An error of our own API (RFC 9457). */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, code, detail }: Problem,
): FastifyReply {
  const body: ProblemDetails = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    request_id: request.id,
  }
  return reply
    .code(status)
    .type('application/problem+json')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(body))
}

export function sendPage(reply: FastifyReply, page: RenderedPage, status = 200): FastifyReply {
  return reply.code(status).headers(page.headers).send(page.html)
}

/** Whether a person is looking: a browser going somewhere, not a program asking for data. */
export function wantsPage(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes('text/html')
}

/** The last resort for every route: a page for people, problem+json for programs, never a stack or an internal message. */
export function handleProblems(app: FastifyInstance, pages: Pages, tenants: readonly Tenant[]): void {
  const answer = (request: FastifyRequest, reply: FastifyReply, problem: Problem, page: ProblemCode) => {
    if (!wantsPage(request)) return sendProblem(request, reply, problem)
    const tenant = tenants.find(({ path }) => request.url === path || request.url.startsWith(`${path}/`))
    const state = problemPage(page, { ...(tenant && { tenant }), requestId: request.id })
    return sendPage(reply, pages.render(state), problem.status)
  }
  app.setNotFoundHandler((request, reply) =>
    answer(
      request,
      reply,
      { status: 404, code: 'not-found', detail: 'There is nothing at this address.' },
      'page-not-found',
    ),
  )
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const status = statusOf(error)
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    if (status === 503) reply.header('retry-after', String(UNAVAILABLE_RETRY_SECONDS))
    return answer(request, reply, problemOf(error, status), pageOf(error, status))
  })
}

/** What a request deserves that failed inside: 503 when the same may succeed in a moment. */
export function statusOf(error: Error & { statusCode?: number }): number {
  return error.statusCode ?? (isUnavailable(error) ? 503 : 500)
}

/** An address the router can't read: no hook has run, so this answer brings everything itself. */
export function answerUnreadable(
  request: FastifyRequest,
  reply: FastifyReply,
  { pages, isHttps }: { pages: Pages; isHttps: boolean },
): FastifyReply {
  const { id, method, ip } = request
  request.log.info({ request_id: id, method, status: 400, ip }, 'request')
  setSecurityHeaders(reply, { isHttps })
  if (wantsPage(request)) return sendPage(reply, pages.render(problemPage('page-not-found', { requestId: id })), 400)
  return sendProblem(request, reply, { status: 400, code: 'invalid_request', detail: 'This address can’t be read.' })
}

function problemOf(error: Error & { code?: string }, status: number): Problem {
  if (error instanceof RequestError) return { status, code: error.code, detail: error.message }
  if (status < 500)
    return { status, code: 'invalid_request', detail: STATUS_CODES[status] ?? 'The request is not valid.' }
  if (status === 503) return { status, code: 'unavailable', detail: 'The database is away for a moment: try again.' }
  return { status, code: 'failed', detail: 'Something went wrong here. Try again; if it stays, quote the request id.' }
}

function pageOf(error: Error & { code?: string }, status: number): ProblemCode {
  if (error.code === 'cross-site' || error.code === 'sign-out-invalid') return error.code
  if (status === 503 || status === 429) return 'busy'
  return status < 500 ? 'request-invalid' : 'failed'
}
