import type { TenantParts } from '../../tenant-parts.ts'
import type { CompatArea, CompatSystem } from '../compat-area.ts'
import { renderRefusal } from './errors.ts'
import { mintRoute } from './mint.ts'
import { refreshRoute } from './refresh.ts'
import { revokeAccessTokenRoute, revokeRefreshTokenRoute } from './revoke.ts'

/** Circle's headless authentication: a community's server sets its SDK's base address to the tenant's issuer. */
export const circle: CompatSystem = {
  name: 'circle',
  areas: (tenants) => tenants.map(areaOf),
}

function areaOf(parts: TenantParts): CompatArea {
  const { tenant } = parts
  return {
    prefix: `${tenant.path}/api/v1/headless`,
    tenants: [tenant],
    routes: [mintRoute(parts), refreshRoute(parts), revokeRefreshTokenRoute(parts), revokeAccessTokenRoute(parts)],
    render: renderRefusal,
  }
}
