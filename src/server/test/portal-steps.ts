import { expect } from 'vitest'
import type { ConsentPage, PageState, SignInPage } from '../../contract/page-state.ts'
import { aPkce, authorizeUrl, type Pkce } from './flows.ts'
import type { TestApp } from './test-app.ts'
import { pageStateOf, type TestBrowser, type TestResponse } from './test-browser.ts'
import { ADA, REDIRECT_URI } from './test-config.ts'

export interface Visit<State extends PageState> {
  browser: TestBrowser
  pkce: Pkce
  response: TestResponse
  state: State
}

export interface VisitOptions {
  browser?: TestBrowser
  /** Of the catalog's authorization request. */
  overrides?: Record<string, string | null>
}

/** A browser that a fresh request has brought to the sign-in page. */
export function visitSignIn(app: TestApp, options: VisitOptions = {}): Promise<Visit<SignInPage>> {
  return visit(app, 'sign-in', options)
}

/** A browser whose person has signed in and is asked for consent. */
export async function visitConsent(
  app: TestApp,
  { person = ADA, ...options }: VisitOptions & { person?: typeof ADA } = {},
): Promise<Visit<ConsentPage>> {
  const { browser, pkce, state } = await visitSignIn(app, options)
  const response = await browser.follow(await browser.postForm(state.action, signInStep(person)))
  return { browser, pkce, response, state: pageOf(response, 'consent') }
}

async function visit<Page extends PageState['page']>(
  app: TestApp,
  page: Page,
  { browser = app.browser(), overrides = {} }: VisitOptions,
): Promise<Visit<Extract<PageState, { page: Page }>>> {
  const pkce = aPkce()
  const response = await browser.open(authorizeUrl(pkce, overrides))
  return { browser, pkce, response, state: pageOf(response, page) }
}

/** The state of a response that is this page; a failed expectation otherwise. */
export function pageOf<Page extends PageState['page']>(
  response: TestResponse,
  page: Page,
): Extract<PageState, { page: Page }> {
  const state = pageStateOf(response)
  expect(state).toMatchObject({ page })
  return state as Extract<PageState, { page: Page }>
}

export function signInStep({ username, password }: { username: string; password: string } = ADA) {
  return { step: 'sign-in', username, password }
}

export const ALLOW = { step: 'consent', decision: 'allow' }
export const DENY = { step: 'consent', decision: 'deny' }

/** What an app reads from the address the person comes back at; a failed expectation anywhere else. */
export function answerAtApp(response: TestResponse, redirectUri = REDIRECT_URI): Record<string, string> {
  const { location } = response
  expect(location && location.origin + location.pathname).toBe(redirectUri)
  return Object.fromEntries(location?.searchParams ?? [])
}
