import { aRefreshToken, asApp, asServer, PASSWORD } from '../../../test/everything-on.ts'
import type { Operation } from '../../../test/operation.ts'
import { isOrderCloudRefusal } from '../../../test/refusal-forms.ts'

function atToken(operation: Pick<Operation, 'name' | 'request' | 'rules'> & Partial<Operation>): Operation {
  return {
    of: 'POST /demo/oauth/token',
    method: 'POST',
    url: '/demo/oauth/token',
    fieldsIn: 'form',
    alsoReads: ['scope', 'anonuserid', 'client_secret'],
    succeeds: 200,
    isRefusal: isOrderCloudRefusal,
    ...operation,
  }
}

export const ordercloudOperations: readonly Operation[] = [
  atToken({
    name: 'OrderCloud: Login',
    rules: { client: 'public', scope: true, credentials: true },
    request: async () => ({ fields: { ...asApp, grant_type: 'password', username: 'cleo', password: PASSWORD } }),
  }),
  atToken({
    name: 'OrderCloud: ElevatedLogin',
    rules: { client: 'secret', scope: true, credentials: true },
    request: async () => ({ fields: { ...asServer, grant_type: 'password', username: 'dora', password: PASSWORD } }),
  }),
  atToken({
    name: 'OrderCloud: ClientCredentials',
    rules: { client: 'secret', scope: true },
    request: async () => ({ fields: { ...asServer, grant_type: 'client_credentials' } }),
  }),
  atToken({
    name: 'OrderCloud: Anonymous',
    rules: { client: 'public', scope: true },
    request: async () => ({ fields: { ...asApp, grant_type: 'client_credentials' } }),
  }),
  atToken({
    name: 'OrderCloud: RefreshToken',
    rules: { client: 'public' },
    request: async (everything) => ({
      fields: { ...asApp, grant_type: 'refresh_token', refresh_token: await aRefreshToken(everything) },
    }),
  }),
  {
    of: 'GET /demo/oauth/certs/:kid',
    name: 'OrderCloud: a public key',
    method: 'GET',
    url: '/demo/oauth/certs/:kid',
    fieldsIn: 'path',
    succeeds: 200,
    isRefusal: isOrderCloudRefusal,
    rules: {},
    request: async ({ app }) => {
      const { keys } = JSON.parse((await app.browser().get('/demo/jwks')).body)
      return { fields: { kid: keys.find((key: { alg: string }) => key.alg === 'RS256').kid } }
    },
  },
]
