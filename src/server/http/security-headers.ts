import type { FastifyInstance, FastifyReply } from 'fastify'
import { DATA_POLICY } from '../pages/page-policy.ts'

const ONE_YEAR_SECONDS = 31_536_000

/** Set on the raw response, so that they also reach answers the engine writes; a page replaces the policy by its own. */
export function addSecurityHeaders(app: FastifyInstance, { isHttps }: { isHttps: boolean }): void {
  app.addHook('onRequest', (_request, reply, done) => {
    setSecurityHeaders(reply, { isHttps })
    done()
  })
}

export function setSecurityHeaders({ raw }: FastifyReply, { isHttps }: { isHttps: boolean }): void {
  const headers = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // `no-referrer` would make browsers send `Origin: null` with our own forms.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'content-security-policy': DATA_POLICY,
    ...(isHttps ? { 'strict-transport-security': `max-age=${ONE_YEAR_SECONDS}; includeSubDomains` } : {}),
  }
  for (const [name, value] of Object.entries(headers)) raw.setHeader(name, value)
}
