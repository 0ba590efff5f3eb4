import { expect } from 'vitest'
import type { SignInPage } from '../../../contract/page-state.ts'
import { type Visit, visitSignIn } from '../../test/portal-steps.ts'
import type { TestApp } from '../../test/test-app.ts'
import type { TestBrowser, TestResponse } from '../../test/test-browser.ts'
import { Visitor, type WayBack } from './visitor.ts'

export interface Through {
  /** Name of the provider. */
  upstream?: string
  visitor?: Visitor
}

/** Presses "Continue with …" on a sign-in page; answers with the provider's address. */
export async function chooseUpstream(
  browser: TestBrowser,
  { action }: Pick<SignInPage, 'action'>,
  upstream = 'acme',
): Promise<URL> {
  const answer = await browser.postJson(action, { step: 'upstream', upstream })
  const { redirectTo } = JSON.parse(answer.body)
  expect(redirectTo, answer.body).toEqual(expect.any(String))
  return new URL(redirectTo)
}

/** Comes back from a provider, up to a page of the portal or the app's address. */
export async function comeBack(browser: TestBrowser, { url, form }: WayBack): Promise<TestResponse> {
  const fromElsewhere = { origin: 'null', 'sec-fetch-site': 'cross-site' }
  const response = form ? await browser.postForm(url.href, form, fromElsewhere) : await browser.get(url.href)
  return browser.follow(response)
}

/** From a sign-in page through a provider and back. */
export async function signInThrough(
  { browser, state }: Pick<Visit<SignInPage>, 'browser' | 'state'>,
  login: string,
  { upstream, visitor = new Visitor() }: Through = {},
): Promise<TestResponse> {
  return comeBack(browser, await visitor.signIn(await chooseUpstream(browser, state, upstream), login))
}

/** From the app to the portal, through a provider and back. */
export async function visitThrough(app: TestApp, login: string, through: Through = {}): Promise<TestResponse> {
  return signInThrough(await visitSignIn(app), login, through)
}
