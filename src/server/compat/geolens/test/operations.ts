import { type Everything, PASSWORD } from '../../../test/everything-on.ts'
import type { Operation } from '../../../test/operation.ts'
import { isProblemDetails } from '../../../test/refusal-forms.ts'

const ROOT = '/demo/auth'

function atGeoLens(
  method: 'GET' | 'POST',
  path: string,
  operation: Pick<Operation, 'name' | 'request'> & Partial<Operation>,
): Operation {
  return {
    of: `${method} ${ROOT}${path}`,
    method,
    url: `${ROOT}${path}`,
    fieldsIn: 'json',
    succeeds: 200,
    isRefusal: isProblemDetails,
    rules: {},
    ...operation,
  }
}

/** Of somebody whose other logins nothing else here needs: signing out ends them all. */
async function login({ app }: Everything): Promise<{ access_token: string; refresh_token: string }> {
  const response = await app.server.inject({
    method: 'POST',
    url: `${ROOT}/login`,
    headers: { host: new URL(app.config.origin).host, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ username: 'fay', password: PASSWORD }).toString(),
  })
  return response.json()
}

const withRefreshToken: Operation['request'] = async (everything) => {
  const { refresh_token } = await login(everything)
  return { fields: { refresh_token } }
}

export const geolensOperations: readonly Operation[] = [
  atGeoLens('POST', '/login', {
    name: 'GeoLens: login',
    fieldsIn: 'form',
    alsoReads: ['grant_type'],
    rules: { credentials: true },
    request: async () => ({ fields: { username: 'eli', password: PASSWORD } }),
  }),
  atGeoLens('POST', '/refresh', { name: 'GeoLens: refresh', request: withRefreshToken }),
  atGeoLens('POST', '/logout', { name: 'GeoLens: logout', succeeds: 204, request: withRefreshToken }),
  atGeoLens('POST', '/logout/session', {
    name: 'GeoLens: logout of one session',
    succeeds: 204,
    request: withRefreshToken,
  }),
  atGeoLens('GET', '/me', {
    name: 'GeoLens: me',
    fieldsIn: 'query',
    request: async (everything) => {
      const { access_token } = await login(everything)
      return { fields: {}, headers: { authorization: `Bearer ${access_token}` } }
    },
  }),
]
