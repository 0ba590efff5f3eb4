import type {
  ConsentPage,
  LeavingPage,
  ProblemPage,
  SignedOutPage,
  SignInPage,
  SignOutPage,
} from '../../contract/page-state.ts'

/** Valid page states for tests, each with overrides. */
const tenant = { id: 'demo', name: 'Demo Store' }
const client = { name: 'Catalog', uri: 'https://catalog.test/' }
const step = { tenant, client, action: '/demo/interaction/abc', sealedRequest: 'sealed-request' }
const person = { name: 'Ada Lovelace', username: 'ada' }

export function aSignInPage(overrides: Partial<SignInPage> = {}): SignInPage {
  return { page: 'sign-in', ...step, username: '', upstreams: [], ...overrides }
}

export function aLeavingPage(overrides: Partial<LeavingPage> = {}): LeavingPage {
  return { page: 'leaving', tenant, address: 'https://id.acme.test/authorize?state=s', ...overrides }
}

export function aConsentPage(overrides: Partial<ConsentPage> = {}): ConsentPage {
  return { page: 'consent', ...step, person, scopes: ['openid', 'profile'], ...overrides }
}

export function aSignOutPage(overrides: Partial<SignOutPage> = {}): SignOutPage {
  const question = { action: '/demo/logout/confirm', fields: { xsrf: 'secret' }, scope: 'browser' } as const
  return { page: 'sign-out', tenant, client, ...question, apps: ['Catalog', 'Orders'], person, ...overrides }
}

export function aSignedOutPage(overrides: Partial<SignedOutPage> = {}): SignedOutPage {
  return { page: 'signed-out', tenant, client, ...overrides }
}

export function aProblemPage(overrides: Partial<ProblemPage> = {}): ProblemPage {
  return { page: 'problem', tenant, problem: 'failed', requestId: 'request-1', ...overrides }
}
