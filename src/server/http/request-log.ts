import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify'
import * as z from 'zod/mini'
import { RequestLabel, requestLabelHeader } from '../../contract/request-label.ts'

/** What pino never writes, wherever it turns up in a logged object. */
const SECRETS = [
  'password',
  'client_secret',
  'access_token',
  'refresh_token',
  'id_token',
  'guest_token',
  'code',
  'code_verifier',
  'token',
  'authorization',
  'cookie',
  'dpop',
]

export type LogDestination = { write(line: string): void }

export function loggerOptions(
  level: string,
  destination?: LogDestination,
): NonNullable<FastifyServerOptions['logger']> {
  return {
    level,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    // Fastify's own request lines are off; nothing else may bring headers, queries or bodies along.
    serializers: { req: () => ({}), res: () => ({}), err: errorFields },
    ...(destination && { stream: destination }),
  }
}

/** One line a request: who, what, when, from where; the path as asked for, without its query. */
export function logRequests(app: FastifyInstance): void {
  const asked = new WeakMap<FastifyRequest, string>()
  // These fields hold no secret, and looking for one costs more than writing the line.
  const lines = app.log.child({}, { redact: [] })
  app.addHook('onRequest', (request, _reply, done) => {
    asked.set(request, pathOf(request.raw.url ?? ''))
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { id, method, ip } = request
    const ms = Math.round(reply.elapsedTime)
    // A route may ask for silence: health checks come every second.
    if (request.routeOptions.logLevel !== 'warn') {
      const path = asked.get(request)
      const { statusCode: status } = reply.raw
      lines.info({ request_id: id, ...labelOf(request), method, path, status, ip, ms }, 'request')
    }
    done()
  })
}

/** What the caller calls this request. A name that could be anything else is left out, not mended. */
function labelOf({ headers }: FastifyRequest): { label?: string } {
  const given = headers[requestLabelHeader]
  return typeof given === 'string' && z.safeParse(RequestLabel, given).success ? { label: given } : {}
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? ''
}

interface LoggedError {
  type: string
  message: string
  stack: string
  [field: string]: unknown
}

/** Name, message and stack for us; none of the properties libraries hang on errors, which hold requests. */
function errorFields(error: Error & { code?: string; cause?: unknown }): LoggedError {
  const { name, message, stack = '', code, cause } = error
  return { type: name, message, stack, error_code: code, ...(cause instanceof Error && { cause: errorFields(cause) }) }
}
