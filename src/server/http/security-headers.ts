import type { FastifyInstance, FastifyReply } from 'fastify'
import { DATA_POLICY } from '../pages/page-policy.ts'

const ONE_YEAR_SECONDS = 31_536_000

const SECURITY_HEADERS = Object.entries({
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // `no-referrer` would make browsers send `Origin: null` with our own forms.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': DATA_POLICY,
})

/** Set on the raw response, so that they also reach answers the engine writes; a page replaces the policy by its own. */
export function addSecurityHeaders(app: FastifyInstance, { isHttps }: { isHttps: boolean }): void {
  app.addHook('onRequest', (_request, reply, done) => {
    setSecurityHeaders(reply, { isHttps })
    done()
  })
}

export function setSecurityHeaders({ raw }: FastifyReply, { isHttps }: { isHttps: boolean }): void {
  for (const [name, value] of SECURITY_HEADERS) raw.setHeader(name, value)
  if (isHttps) raw.setHeader('strict-transport-security', `max-age=${ONE_YEAR_SECONDS}; includeSubDomains`)
}
