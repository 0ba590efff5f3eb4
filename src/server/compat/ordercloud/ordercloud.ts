import type { TenantParts } from '../../tenant-parts.ts'
import type { CompatArea, CompatSystem } from '../compat-area.ts'
import { certsRoute } from './certs.ts'
import { renderRefusal } from './errors.ts'
import { tokenRoute } from './token.ts'

/** OrderCloud's OAuth endpoints: an app sets its SDK's `baseApiUrl` to the tenant's issuer. */
export const ordercloud: CompatSystem = {
  name: 'ordercloud',
  areas: (tenants) => tenants.map(areaOf),
}

function areaOf(parts: TenantParts): CompatArea {
  const { tenant, keys } = parts
  return {
    prefix: `${tenant.path}/oauth`,
    tenants: [tenant],
    routes: [tokenRoute(parts), certsRoute(keys)],
    render: renderRefusal,
  }
}
