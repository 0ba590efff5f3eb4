import type { TenantParts } from '../../tenant-parts.ts'
import type { CompatArea, CompatSystem } from '../compat-area.ts'
import { renderRefusal } from './errors.ts'
import { loginRoute } from './login.ts'
import { logoutRoute, sessionLogoutRoute } from './logout.ts'
import { meRoute } from './me.ts'
import { refreshRoute } from './refresh.ts'

/** GeoLens' authentication: an app sets its API's base address to the tenant's issuer. */
export const geolens: CompatSystem = {
  name: 'geolens',
  areas: (tenants) => tenants.map(areaOf),
}

function areaOf(parts: TenantParts): CompatArea {
  const { tenant } = parts
  return {
    prefix: `${tenant.path}/auth`,
    tenants: [tenant],
    // A redirect between the two would lose the form.
    takesTrailingSlash: true,
    routes: [loginRoute(parts), refreshRoute(parts), logoutRoute(parts), sessionLogoutRoute(parts), meRoute(parts)],
    render: renderRefusal,
  }
}
