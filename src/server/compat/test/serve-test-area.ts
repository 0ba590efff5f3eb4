import Fastify, { type FastifyInstance } from 'fastify'
import type { Services } from '../../services.ts'
import { createTenant, type Tenant } from '../../tenant/tenant.ts'
import { aConfig } from '../../test/test-config.ts'
import type { CompatArea } from '../compat-area.ts'
import { serveArea } from '../serve-area.ts'

/** Serves an area of the test's own, below `/old`. */
export async function serveTestArea(area: Partial<CompatArea> & Pick<CompatArea, 'routes'>): Promise<FastifyInstance> {
  const app = Fastify()
  const served: CompatArea = {
    prefix: '/old',
    tenants: [aTestTenant()],
    render: ({ code, detail, fields }) => ({ body: { code, detail, fields } }),
    ...area,
  }
  await app.register((below) => serveArea(below, served), { prefix: served.prefix })
  return app
}

function aTestTenant(): Tenant {
  const { tenants, limits, origin, secrets } = aConfig()
  const [config] = Object.values(tenants)
  if (!config) throw new Error('no tenant')
  const services: Partial<Services> = { origin, limits, secrets }
  return createTenant('demo', config, services as Services)
}
