import { expect, test } from 'vitest'
import { aConsentPage, aProblemPage, aSignedOutPage, aSignInPage, aSignOutPage } from './page/a-page.ts'
import { titleOf } from './title.ts'

test('a title says the page, then whose it is', () => {
  const pages = [aSignInPage(), aConsentPage(), aSignOutPage(), aSignedOutPage()]
  expect(pages.map(titleOf)).toEqual([
    'Sign in · Demo Store',
    'Allow access · Demo Store',
    'Sign out · Demo Store',
    'Signed out · Demo Store',
  ])
})

test('a problem is its own title, with or without a tenant', () => {
  const { tenant: _none, ...nobodys } = aProblemPage({ problem: 'page-not-found' })
  expect(titleOf(nobodys)).toBe('There is no page here')
  expect(titleOf(aProblemPage({ problem: 'page-not-found' }))).toBe('There is no page here · Demo Store')
})

test('a tenant cannot turn the title around', () => {
  expect(titleOf(aSignInPage({ tenant: { id: 'demo', name: '\u202eerotS\u0000' } }))).toBe('Sign in · erotS')
})
