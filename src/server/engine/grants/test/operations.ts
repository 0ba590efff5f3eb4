import {
  aRefreshToken,
  aSubjectToken,
  asApp,
  asServer,
  EXCHANGE_GRANT,
  MEMBER_GRANT,
  PASSWORD,
  UPSTREAM_GRANT,
} from '../../../test/everything-on.ts'
import { GUEST_GRANT, startGuest } from '../../../test/flows.ts'
import type { Operation } from '../../../test/operation.ts'
import { isOAuthRefusal } from '../../../test/refusal-forms.ts'
import { REDIRECT_URI } from '../../../test/test-config.ts'
import { GRANTS } from '../grants.ts'

/** A grant of the token endpoint; it also reads every parameter that the grant lists. */
function grant(
  grantType: string,
  operation: Pick<Operation, 'name' | 'request' | 'rules'> & Partial<Operation>,
): Operation {
  return {
    of: `grant ${grantType}`,
    method: 'POST',
    url: '/demo/token',
    fieldsIn: 'form',
    alsoTakes: 'json',
    alsoReads: GRANTS.find((one) => one.grantType === grantType)?.parameters ?? [],
    succeeds: 200,
    isRefusal: isOAuthRefusal,
    ...operation,
  }
}

const inForms: readonly Operation[] = [
  grant('authorization_code', {
    name: 'redeeming a code',
    // A code is good once: what is tried here is what may come with one that isn't.
    succeeds: 400,
    rules: { client: 'public' },
    request: async () => ({
      fields: {
        ...asApp,
        grant_type: 'authorization_code',
        code: 'no-such-code',
        code_verifier: 'v'.repeat(43),
        redirect_uri: REDIRECT_URI,
      },
    }),
  }),
  grant('refresh_token', {
    name: 'refreshing',
    rules: { client: 'public', scope: true, proof: 'once' },
    request: async (everything) => ({
      fields: { ...asApp, grant_type: 'refresh_token', refresh_token: await aRefreshToken(everything) },
    }),
  }),
  grant('password', {
    name: 'signing in by password',
    rules: { client: 'public', scope: true, credentials: true, proof: 'once' },
    request: async () => ({ fields: { ...asApp, grant_type: 'password', username: 'ada', password: PASSWORD } }),
  }),
  grant('password', {
    name: 'signing in by password, with a secret',
    rules: { client: 'secret', scope: true, credentials: true, proof: 'once' },
    request: async () => ({ fields: { ...asServer, grant_type: 'password', username: 'ben', password: PASSWORD } }),
  }),
  grant('client_credentials', {
    name: 'an app for itself',
    rules: { client: 'secret', scope: true, proof: 'once' },
    request: async () => ({ fields: { ...asServer, grant_type: 'client_credentials' } }),
  }),
  grant(MEMBER_GRANT, {
    name: 'a server for a member',
    rules: { client: 'secret', scope: true, proof: 'once', serverOnly: true },
    request: async () => ({ fields: { ...asServer, grant_type: MEMBER_GRANT, sso_id: 'acme|ada' } }),
  }),
  grant(UPSTREAM_GRANT, {
    name: 'a provider’s code',
    // Like our own, a provider's code is good once.
    succeeds: 400,
    rules: { client: 'public' },
    request: async () => ({
      fields: {
        ...asApp,
        grant_type: UPSTREAM_GRANT,
        provider: 'acme',
        code: 'no-such-code',
        code_verifier: 'v'.repeat(43),
        redirect_uri: REDIRECT_URI,
      },
    }),
  }),
  grant(EXCHANGE_GRANT, {
    name: 'a provider’s token',
    rules: { client: 'public', scope: true, proof: 'once' },
    request: async (everything) => ({
      fields: {
        ...asApp,
        grant_type: EXCHANGE_GRANT,
        subject_token: await aSubjectToken(everything),
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      },
    }),
  }),
  grant(GUEST_GRANT, {
    name: 'a new guest',
    rules: { client: 'public', scope: true, proof: 'while fresh' },
    request: async () => ({ fields: { ...asApp, grant_type: GUEST_GRANT } }),
  }),
  grant(GUEST_GRANT, {
    name: 'refreshing a guest',
    alsoReads: ['scope'],
    rules: { client: 'public', scope: true, proof: 'while fresh' },
    request: async ({ app }) => {
      const { refreshToken } = await startGuest(app, { fields: asApp })
      return { fields: { ...asApp, grant_type: 'refresh_token', refresh_token: refreshToken } }
    },
  }),
]

/** As apps of the ACP send them. */
const inJson = inForms.map(
  (operation): Operation => ({ ...operation, name: `${operation.name}, as JSON`, fieldsIn: 'json', alsoTakes: 'form' }),
)

export const grantOperations = [...inForms, ...inJson]
