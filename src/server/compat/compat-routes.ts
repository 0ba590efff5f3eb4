import type { FastifyInstance } from 'fastify'
import type { TenantParts } from '../tenant-parts.ts'
import { circle } from './circle/circle.ts'
import type { CompatSystem } from './compat-area.ts'
import { geolens } from './geolens/geolens.ts'
import { ordercloud } from './ordercloud/ordercloud.ts'
import { serveArea } from './serve-area.ts'

/** Every older API there is an answer for. */
const SYSTEMS: readonly CompatSystem[] = [ordercloud, circle, geolens]

/** Answers for the older APIs that tenants name in `compat`; of the others there is no route. */
export async function compatRoutes(app: FastifyInstance, tenants: readonly TenantParts[]): Promise<void> {
  for (const system of SYSTEMS) {
    const served = tenants.filter(({ tenant }) => tenant.config.compat[system.name] !== undefined)
    if (served.length === 0) continue
    for (const area of system.areas(served)) {
      await app.register((below) => serveArea(below, area), { prefix: area.prefix })
    }
  }
}
