import type { FastifyContextConfig, FastifyInstance, HTTPMethods } from 'fastify'
import { RequestError } from './request-error.ts'

const ALL_METHODS: HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Refuses every other method at an address, before a body is looked at (RFC 9110 section 15.5.6). */
export function refuseOtherMethods(
  app: FastifyInstance,
  url: string,
  methods: readonly HTTPMethods[],
  config: FastifyContextConfig = {},
): void {
  app.route({
    method: ALL_METHODS.filter((method) => !methods.includes(method)),
    url,
    config,
    onRequest: async (_request, reply) => {
      reply.header('allow', methods.join(', '))
      throw new RequestError(405, 'invalid_request', `only ${methods.join(' and ')} requests are answered here`)
    },
    handler: async () => undefined,
  })
}
