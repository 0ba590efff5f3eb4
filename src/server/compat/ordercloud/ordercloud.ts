import type { TenantParts } from '../../tenant-parts.ts'
import type { CompatArea, CompatSystem } from '../compat-area.ts'
import { certsRoute } from './certs.ts'
import { renderRefusal } from './errors.ts'

/** OrderCloud's OAuth endpoints: an app sets its SDK's `baseApiUrl` to the tenant's issuer. */
export const ordercloud: CompatSystem = {
  name: 'ordercloud',
  areas: (tenants) => tenants.map(areaOf),
}

function areaOf({ tenant, keys }: TenantParts): CompatArea {
  return {
    prefix: `${tenant.path}/oauth`,
    tenants: [tenant],
    routes: [certsRoute(keys)],
    render: renderRefusal,
  }
}
