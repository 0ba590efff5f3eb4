import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import type { Tenant } from '../tenant/tenant.ts'

/** Who may read an answer from a page: everybody, the origins clients registered, or nobody. */
export type CorsRule = 'anyone' | 'clients' | 'nobody'

const EXPOSED = 'Date, DPoP-Nonce, Retry-After, WWW-Authenticate'

/** Exact origins, compared as text; no credentials, because nothing that is read across origins uses a cookie. */
export function corsHook(tenants: Tenant | readonly Tenant[], rule: CorsRule, methods: readonly string[]) {
  const clients = [tenants].flat().flatMap((tenant) => [...tenant.clients.values()])
  const origins = new Set(clients.flatMap((client) => client.allowed_origins))
  const findOrigin = ({ headers: { origin } }: FastifyRequest) =>
    origin !== undefined && origins.has(origin) ? origin : undefined

  function setHeaders(request: FastifyRequest, { raw }: FastifyReply): void {
    if (rule === 'nobody') return
    raw.setHeader('access-control-expose-headers', EXPOSED)
    raw.setHeader('cross-origin-resource-policy', 'cross-origin')
    const allowed = rule === 'anyone' ? '*' : findOrigin(request)
    if (rule === 'clients') raw.setHeader('vary', 'Origin')
    if (allowed === undefined) return
    // For everybody it is said whoever asks: a cache may give one answer to all.
    raw.setHeader('access-control-allow-origin', allowed)
    if (request.method !== 'OPTIONS') return
    raw.setHeader('access-control-allow-methods', methods.join(', '))
    raw.setHeader('access-control-allow-headers', 'Authorization, Content-Type, DPoP, X-Request-Label')
    raw.setHeader('access-control-max-age', '3600')
  }

  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    setHeaders(request, reply)
    done()
  }
}
