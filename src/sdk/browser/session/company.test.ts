import { expect, test } from 'vitest'
import { aShop, type OpenShop, settled, until } from '../../test/a-shop.ts'
import { claimsOf } from '../../test/an-issuer.ts'

/** A shop whose people buy for companies. */
async function aTrade(...[settings, options]: Parameters<typeof aShop>) {
  const shop = await aShop(settings, options)
  shop.issuer.settings.companies = ['north', 'south']
  return shop
}

const companyOf = async ({ auth }: OpenShop) => claimsOf(await auth.getAccessToken()).legal_entity_id
const actsFor = ({ auth }: OpenShop) => {
  const state = auth.getState()
  return state.status === 'member' ? { company: state.company, reason: state.reason } : state
}
const none = { company: undefined, reason: undefined }
const north = { company: 'north', reason: undefined }

test('who may act for companies sees which, and acts for none at first', async () => {
  const shop = await aTrade()
  const page = await shop.signIn()
  expect(page.auth.getState()).toMatchObject({ status: 'member', user: { companies: ['north', 'south'] } })
  expect(actsFor(page)).toEqual(none)
})

test('a switch brings a token for the company, and no other is handed out after it', async () => {
  const shop = await aTrade()
  const page = await shop.signIn()
  const before = await page.auth.getAccessToken()
  await page.auth.switchCompany('north')
  expect(actsFor(page)).toEqual(north)
  expect(await companyOf(page)).toBe('north')
  expect(await page.auth.getAccessToken()).not.toBe(before)
  await page.auth.switchCompany('south')
  expect(await companyOf(page)).toBe('south')
  await page.auth.switchCompany(null)
  expect(actsFor(page)).toEqual(none)
  expect(await companyOf(page)).toBeUndefined()
})

test('it is kept at every renewal and after a reload', async () => {
  const shop = await aTrade({ lifetimeSeconds: 0.05, nonces: false })
  const page = await shop.signIn()
  await page.auth.switchCompany('north')
  for (let round = 0; round < 2; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(await companyOf(page)).toBe('north')
  }
  shop.browser.closeTabs()
  const again = shop.reload(page.tab)
  await settled(again.auth)
  expect(actsFor(again)).toEqual(north)
  expect(await companyOf(again)).toBe('north')
})

test('a fixed refresh token serves for it too', async () => {
  const shop = await aTrade({ rotates: false })
  const page = await shop.signIn()
  await page.auth.switchCompany('north')
  expect(await companyOf(page)).toBe('north')
})

test('other tabs follow, and drop the token they had', async () => {
  const shop = await aTrade()
  const first = await shop.signIn()
  const second = shop.open('https://shop.example/')
  const old = await second.auth.getAccessToken()
  await first.auth.switchCompany('north')
  await until(second.auth, (state) => state.status === 'member' && state.company === 'north')
  expect(await second.auth.getAccessToken()).not.toBe(old)
  expect(await companyOf(second)).toBe('north')
  // The one that switched, and nobody else, has asked for it.
  expect(shop.issuer.countOf('refresh_token')).toBe(1)
})

test('a tab that slept through it sends no token of before', async () => {
  const shop = await aTrade()
  const first = await shop.signIn()
  const second = shop.open('https://shop.example/')
  const old = await second.auth.getAccessToken()
  shop.browser.closeTabs()
  await first.auth.switchCompany('north')
  second.tab.wake('visible')
  await until(second.auth, (state) => state.status === 'member' && state.company === 'north')
  expect(await second.auth.getAccessToken()).not.toBe(old)
  expect(await companyOf(second)).toBe('north')
})

test('two at once end as the later one asked, in every tab', async () => {
  const shop = await aTrade()
  const first = await shop.signIn()
  const second = shop.open('https://shop.example/')
  await settled(second.auth)
  await Promise.all([first.auth.switchCompany('north'), second.auth.switchCompany('south')])
  await until(first.auth, (state) => state.status === 'member' && state.company === 'south')
  expect([await companyOf(first), await companyOf(second)]).toEqual(['south', 'south'])
})

test('a company the person may not act for is refused, and nothing changes', async () => {
  const shop = await aTrade({ nonces: false })
  const page = await shop.signIn()
  await page.auth.switchCompany('north')
  const before = await page.auth.getAccessToken()
  await expect(page.auth.switchCompany('west')).rejects.toMatchObject({
    code: 'company-refused',
    action: 'contact-admin',
    retryable: false,
  })
  expect(actsFor(page)).toEqual(north)
  expect(await page.auth.getAccessToken()).toBe(before)
})

test('a switch that never arrived can be tried again', async () => {
  const shop = await aTrade({ nonces: false })
  const page = await shop.signIn()
  shop.issuer.faults.push('unreachable')
  await expect(page.auth.switchCompany('north')).rejects.toMatchObject({ code: 'network', retryable: true })
  expect(actsFor(page)).toEqual(none)
  shop.issuer.faults.push('answer-lost')
  await expect(page.auth.switchCompany('north')).rejects.toMatchObject({ code: 'network' })
  await page.auth.switchCompany('north')
  expect(actsFor(page)).toEqual(north)
})

test('a company that is theirs no more is dropped at the next renewal, with the reason, and nobody is signed out', async () => {
  const shop = await aTrade({ lifetimeSeconds: 0.05, nonces: false })
  const page = await shop.signIn()
  await page.auth.switchCompany('north')
  shop.issuer.settings.companies = ['south']
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(await companyOf(page)).toBeUndefined()
  const lost = { company: undefined, reason: 'company-lost' }
  expect(actsFor(page)).toEqual(lost)
  // Told until they choose, also on the next page and at further renewals.
  await new Promise((resolve) => setTimeout(resolve, 60))
  await page.auth.getAccessToken()
  shop.browser.closeTabs()
  const again = shop.reload(page.tab)
  await settled(again.auth)
  expect(actsFor(again)).toEqual(lost)
  await again.auth.switchCompany('south')
  expect(actsFor(again)).toEqual({ company: 'south', reason: undefined })
})

test('a session that ends in a switch is over like any other', async () => {
  const shop = await aTrade({ nonces: false })
  const page = await shop.signIn()
  shop.issuer.endAll()
  await expect(page.auth.switchCompany('north')).rejects.toMatchObject({ code: 'session-ended' })
  expect(page.auth.getState()).toMatchObject({ status: 'signed-out', reason: 'session-ended' })
})

test('guests and nobody have no company', async () => {
  const shop = await aTrade({}, { guest: true })
  const guest = shop.open('https://shop.example/')
  await expect(guest.auth.switchCompany('north')).rejects.toMatchObject({ code: 'not-signed-in' })
  expect(guest.auth.getState().status).toBe('guest')
  const plain = await aTrade()
  const nobody = plain.open('https://shop.example/')
  await expect(nobody.auth.switchCompany('north')).rejects.toMatchObject({ code: 'not-signed-in' })
})

test.each(['', 7, undefined])('%j names no company: nothing is sent', async (company) => {
  const shop = await aTrade()
  const page = await shop.signIn()
  await expect(page.auth.switchCompany(company as string)).rejects.toMatchObject({
    code: 'argument-invalid',
    action: 'fix-request',
  })
  expect(shop.issuer.countOf('refresh_token')).toBe(0)
  expect(page.auth.getState().status).toBe('member')
})

test('the next person acts for nobody’s company', async () => {
  const shop = await aTrade()
  const page = await shop.signIn()
  await page.auth.switchCompany('north')
  await page.auth.signOut({ scope: 'app' })
  const next = await shop.signIn('https://shop.example/', 'ben-2')
  expect(actsFor(next)).toEqual(none)
  expect(await companyOf(next)).toBeUndefined()
})
