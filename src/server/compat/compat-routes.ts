import type { FastifyInstance } from 'fastify'
import type { TenantParts } from '../tenant-parts.ts'
import { circle } from './circle/circle.ts'
import type { CompatArea, CompatSystem } from './compat-area.ts'
import { emporix } from './emporix/emporix.ts'
import { geolens } from './geolens/geolens.ts'
import { ordercloud } from './ordercloud/ordercloud.ts'
import { serveArea } from './serve-area.ts'

/** Every older API there is an answer for. */
const SYSTEMS: readonly CompatSystem[] = [ordercloud, circle, geolens, emporix]

/** Every area of the older APIs that these tenants name in `compat`; of the others there is no route. */
export function compatAreas(tenants: readonly TenantParts[]): CompatArea[] {
  return SYSTEMS.flatMap((system) => {
    const served = tenants.filter(({ tenant }) => tenant.config.compat[system.name] !== undefined)
    return served.length === 0 ? [] : system.areas(served)
  })
}

export async function compatRoutes(app: FastifyInstance, tenants: readonly TenantParts[]): Promise<void> {
  for (const area of compatAreas(tenants)) {
    await app.register((below) => serveArea(below, area), { prefix: area.prefix })
  }
}
