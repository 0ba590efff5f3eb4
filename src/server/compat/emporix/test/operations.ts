import { aSubjectToken, type Everything, PASSWORD } from '../../../test/everything-on.ts'
import type { Operation } from '../../../test/operation.ts'
import { isEmporixContextRefusal, isEmporixRefusal } from '../../../test/refusal-forms.ts'
import { ORIGIN, REDIRECT_URI } from '../../../test/test-config.ts'

const ANONYMOUS = '/customerlogin/auth/anonymous'
const visit = { tenant: 'demo', client_id: 'app' }

function atEmporix(
  of: string,
  { method, url }: Pick<Operation, 'method' | 'url'>,
  operation: Pick<Operation, 'name' | 'request'> & Partial<Operation>,
): Operation {
  return {
    of: `${method} ${of}`,
    method,
    url,
    fieldsIn: method === 'GET' ? 'query' : 'json',
    succeeds: 200,
    isRefusal: isEmporixRefusal,
    rules: {},
    ...operation,
  }
}

const atVisit = (path: string, operation: Parameters<typeof atEmporix>[2]) =>
  atEmporix(ANONYMOUS + path, { method: 'GET', url: ANONYMOUS + path }, operation)

const atCustomer = (method: 'GET' | 'POST', path: string, operation: Parameters<typeof atEmporix>[2]) =>
  atEmporix(`/customer/:tenant${path}`, { method, url: `/customer/demo${path}` }, operation)

const atContext = (method: 'GET' | 'PATCH', operation: Parameters<typeof atEmporix>[2]) =>
  atEmporix(
    '/session-context/:tenant/me/context',
    { method, url: '/session-context/demo/me/context' },
    { isRefusal: isEmporixContextRefusal, ...operation },
  )

interface Tokens {
  access_token: string
  refresh_token: string
}

const withHost = { host: new URL(ORIGIN).host }
const bearer = ({ access_token }: Tokens) => ({ authorization: `Bearer ${access_token}` })

async function visitor({ app }: Everything): Promise<Tokens> {
  const query = new URLSearchParams(visit).toString()
  return (await app.server.inject({ url: `${ANONYMOUS}/login?${query}`, headers: withHost })).json()
}

async function customer(everything: Everything): Promise<Tokens> {
  const response = await everything.app.server.inject({
    method: 'POST',
    url: '/customer/demo/login',
    headers: { ...withHost, ...bearer(await visitor(everything)) },
    payload: { email: 'gus@demo.test', password: PASSWORD },
  })
  return response.json()
}

export const emporixOperations: readonly Operation[] = [
  atVisit('/login', {
    name: 'Emporix: a visit',
    alsoReads: ['siteCode', 'currency', 'language', 'targetLocation'],
    request: async () => ({ fields: visit }),
  }),
  atVisit('/refresh', {
    name: 'Emporix: a visit goes on',
    alsoReads: ['anonymous_token'],
    request: async (everything) => ({
      fields: { ...visit, refresh_token: (await visitor(everything)).refresh_token },
    }),
  }),
  atCustomer('POST', '/signup', {
    name: 'Emporix: sign-up',
    succeeds: 201,
    alsoReads: ['customerDetails'],
    request: async (everything) => ({
      fields: { email: `${crypto.randomUUID()}@demo.test`, password: PASSWORD },
      headers: bearer(await visitor(everything)),
    }),
  }),
  atCustomer('POST', '/login', {
    name: 'Emporix: login',
    request: async (everything) => ({
      fields: { email: 'gus@demo.test', password: PASSWORD },
      headers: bearer(await visitor(everything)),
    }),
  }),
  atCustomer('GET', '/logout', {
    name: 'Emporix: logout',
    succeeds: 204,
    request: async (everything) => {
      const tokens = await customer(everything)
      return { fields: { accessToken: tokens.access_token }, headers: bearer(tokens) }
    },
  }),
  atCustomer('GET', '/refreshauthtoken', {
    name: 'Emporix: refresh',
    alsoReads: ['legalEntityId'],
    request: async (everything) => ({ fields: { refreshToken: (await customer(everything)).refresh_token } }),
  }),
  atCustomer('GET', '/validateauthtoken', {
    name: 'Emporix: validation',
    request: async (everything) => ({ fields: {}, headers: bearer(await customer(everything)) }),
  }),
  atCustomer('POST', '/socialLogin', {
    name: 'Emporix: a provider’s code',
    fieldsIn: 'query',
    // It is good once: what is tried here is what may come with one that isn't.
    succeeds: 401,
    alsoReads: ['state'],
    request: async (everything) => ({
      fields: { code: 'no-such-code', redirect_uri: REDIRECT_URI, code_verifier: 'v'.repeat(43) },
      headers: bearer(await visitor(everything)),
    }),
  }),
  atCustomer('POST', '/exchangeauthtoken', {
    name: 'Emporix: a provider’s token',
    fieldsIn: 'query',
    request: async (everything) => ({
      fields: { subjectAccessToken: await aSubjectToken(everything), config: 'tokens' },
      headers: bearer(await visitor(everything)),
    }),
  }),
  atContext('GET', {
    name: 'Emporix: session context',
    request: async (everything) => ({ fields: {}, headers: bearer(await visitor(everything)) }),
  }),
  atContext('PATCH', {
    name: 'Emporix: changing the session context',
    succeeds: 204,
    alsoReads: ['siteCode', 'language', 'targetLocation', 'context'],
    request: async (everything) => ({
      fields: { currency: 'CHF', metadata: { version: 1 } },
      headers: bearer(await visitor(everything)),
    }),
  }),
]
