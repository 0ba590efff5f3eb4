import type { FastifyInstance } from 'fastify'
import { corsHook } from '../http/cors.ts'
import type { SigningJwk } from '../keys/tenant-keys.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { createRevocationList } from './revocation-list.ts'

/** `GET {issuer}/revocations`: what APIs that verify tokens by themselves follow, every few seconds, with `If-None-Match`. */
export async function revocationRoutes(
  app: FastifyInstance,
  { tenant, keys }: { tenant: Tenant; keys: SigningJwk[] },
): Promise<void> {
  const list = await createRevocationList(tenant, keys)
  const onRequest = corsHook(tenant, 'anyone', ['GET'])
  app.get('/revocations', { onRequest, logLevel: 'warn' }, async (request, reply) => {
    const { jwt, etag } = await list.current(Date.now())
    reply.header('cache-control', 'public, max-age=5').header('etag', etag)
    if (request.headers['if-none-match'] === etag) return reply.code(304).send()
    return reply.type('application/jwt').send(jwt)
  })
}
