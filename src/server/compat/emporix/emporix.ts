import type { TenantParts } from '../../tenant-parts.ts'
import type { CompatSystem } from '../compat-area.ts'
import { anonymousLoginRoute, anonymousRefreshRoute } from './anonymous.ts'
import { renderContextRefusal, renderRefusal } from './errors.ts'
import { exchangeRoute } from './exchange.ts'
import { loginRoute } from './login.ts'
import { logoutRoute } from './logout.ts'
import { refreshRoute } from './refresh.ts'
import { readContextRoute, updateContextRoute } from './session-context.ts'
import { findShop } from './shops.ts'
import { signUpRoute } from './sign-up.ts'
import { socialLoginRoute } from './social-login.ts'
import { validateRoute } from './validate.ts'

/** Emporix' customer authentication: an app sets its API's base address to the portal's origin. Addresses name the tenant. */
export const emporix: CompatSystem = {
  name: 'emporix',
  areas(parts: readonly TenantParts[]) {
    const tenants = parts.map(({ tenant }) => tenant)
    const shops = findShop(parts)
    const customer = [
      signUpRoute(shops),
      loginRoute(shops),
      logoutRoute(shops),
      refreshRoute(shops),
      validateRoute(shops),
      socialLoginRoute(shops),
      exchangeRoute(shops),
    ]
    const anonymous = [anonymousLoginRoute(shops), anonymousRefreshRoute(shops)]
    const context = [readContextRoute(shops), updateContextRoute(shops)]
    return [
      { prefix: '/customerlogin/auth/anonymous', tenants, routes: anonymous, render: renderRefusal },
      { prefix: '/customer/:tenant', tenants, routes: customer, render: renderRefusal },
      { prefix: '/session-context/:tenant', tenants, routes: context, render: renderContextRefusal },
    ]
  },
}
