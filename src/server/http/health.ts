import type { FastifyInstance } from 'fastify'
import type { Store } from '../store/store.ts'
import { sendProblem } from './problems.ts'

/** `/healthz`: the process answers. `/readyz`: it can also serve, so a balancer may send people here. */
export function addHealthRoutes(
  app: FastifyInstance,
  { store, isDraining }: { store: Store; isDraining: () => boolean },
): void {
  app.get('/healthz', { logLevel: 'warn' }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  )
  app.get('/readyz', { logLevel: 'warn' }, async (request, reply) => {
    const unready = isDraining() ? 'This node is shutting down.' : await unreadiness(store)
    if (unready)
      return sendProblem(request, reply.header('retry-after', '1'), { status: 503, code: 'not-ready', detail: unready })
    return reply.header('cache-control', 'no-store').send({ status: 'ready' })
  })
}

async function unreadiness(store: Store): Promise<string | undefined> {
  try {
    await store.checkReady()
    return undefined
  } catch {
    return 'The database does not answer.'
  }
}
