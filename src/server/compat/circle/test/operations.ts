import { asServer, type Everything } from '../../../test/everything-on.ts'
import type { Operation } from '../../../test/operation.ts'
import { isCircleRefusal } from '../../../test/refusal-forms.ts'

const ROOT = '/demo/api/v1/headless'
/** The app token is the secret of the client that stands for the community. */
const headers = { authorization: `Bearer ${asServer.client_secret}` }
const member = { sso_user_id: 'acme|ada' }

function atCircle(
  method: 'POST' | 'PATCH',
  path: string,
  operation: Pick<Operation, 'name' | 'request'> & Partial<Operation>,
): Operation {
  return {
    of: `${method} ${ROOT}${path}`,
    method,
    url: `${ROOT}${path}`,
    fieldsIn: 'json',
    alsoTakes: 'form',
    succeeds: 200,
    malformed: 422,
    isRefusal: isCircleRefusal,
    rules: {},
    ...operation,
  }
}

async function minted({ app }: Everything): Promise<{ access_token: string; refresh_token: string }> {
  const response = await app.server.inject({
    method: 'POST',
    url: `${ROOT}/auth_token`,
    headers: { host: new URL(app.config.origin).host, ...headers },
    payload: member,
  })
  return response.json()
}

export const circleOperations: readonly Operation[] = [
  atCircle('POST', '/auth_token', {
    name: 'Circle: a member’s token',
    alsoReads: ['sso_id', 'community_member_id', 'email'],
    rules: { serverOnly: true },
    request: async () => ({ fields: member, headers }),
  }),
  atCircle('PATCH', '/access_token/refresh', {
    name: 'Circle: refreshing',
    request: async (everything) => {
      const { refresh_token } = await minted(everything)
      return { fields: { refresh_token }, headers }
    },
  }),
  atCircle('POST', '/refresh_token/revoke', {
    name: 'Circle: revoking a refresh token',
    succeeds: 204,
    request: async (everything) => {
      const { refresh_token } = await minted(everything)
      return { fields: { refresh_token }, headers }
    },
  }),
  atCircle('POST', '/access_token/revoke', {
    name: 'Circle: revoking an access token',
    succeeds: 204,
    request: async (everything) => {
      const { access_token } = await minted(everything)
      return { fields: { access_token }, headers }
    },
  }),
]
