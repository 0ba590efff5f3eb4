import type { FastifyInstance } from 'fastify'
import { sendProblem } from './problems.ts'

/**
 * Ends requests that were sent to another host than the configured one, before anything builds an address from it.
 * Health checks come from machines that know this server by number.
 */
export function checkHost(app: FastifyInstance, origin: string): void {
  const { host } = new URL(origin)
  app.addHook('onRequest', (request, reply, done) => {
    const isHealth = request.url === '/healthz' || request.url === '/readyz'
    if (request.headers.host?.toLowerCase() === host || isHealth) return done()
    sendProblem(request, reply, {
      status: 421,
      code: 'wrong-host',
      detail: `This server answers for ${origin} only.`,
    })
  })
}
