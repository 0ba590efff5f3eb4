import type { Page } from '@playwright/test'
import { test as base, expect, expectSignedIn, fillSignIn, signInAtShop } from './fixtures.ts'
import { startWholeShop, type WholeShop } from './other-apps.ts'
import type { Person } from './shop.ts'

const test = base.extend<object, { shop: WholeShop }>({
  shop: [
    async ({ browserName: _ }, use) => {
      const shop = await startWholeShop()
      await use(shop)
      await shop.stop()
    },
    { scope: 'worker' },
  ],
})

const passwordField = (page: Page) => page.getByLabel('Password', { exact: true })

async function expectOrdersOf(page: Page, { name }: Person): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Your orders' })).toBeVisible()
  await expect(page.getByText(name)).toBeVisible()
}

/** Remembers whether the browser was ever asked for a password from here on. */
function watchForSignInPage(page: Page): () => boolean {
  let isAsked = false
  page.on('framenavigated', async (frame) => {
    if (frame.url().includes('/interaction/')) isAsked = true
  })
  return () => isAsked
}

async function signInAtOrders(page: Page, orders: string, person: Person): Promise<void> {
  await page.goto(`${orders}/`)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await fillSignIn(page, person)
  await expectOrdersOf(page, person)
}

test('on a new device, who is signed in at Orders and has allowed the shop before is signed in there on opening it', async ({
  browser,
  page,
  shop,
  person,
}) => {
  await page.goto(`${shop.catalog}/`)
  await signInAtShop(page, person)
  const device = await browser.newContext()
  const other = await device.newPage()
  await signInAtOrders(other, shop.orders.here, person)
  await other.goto(`${shop.catalog}/products/mug?size=large`)
  await expectSignedIn(other, person)
  expect(other.url()).toBe(`${shop.catalog}/products/mug?size=large`)
  await device.close()
})

for (const where of ['here', 'elsewhere'] as const) {
  const site = where === 'here' ? 'on the portal’s site' : 'on another site'

  test(`who is signed in at Orders opens the shop ${site} without a password`, async ({ page, shop, person }) => {
    await signInAtOrders(page, shop.orders[where], person)
    await page.goto(`${where === 'here' ? shop.catalog : shop.catalogElsewhere}/`)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    // The shop is asked about once; nobody is asked who they are.
    await expect(page.getByText('Catalog would like to')).toBeVisible()
    await expect(passwordField(page)).toHaveCount(0)
    await page.getByRole('button', { name: 'Allow' }).click()
    await expectSignedIn(page, person)
  })

  test(`signing out of Orders ${site} signs out of the portal, and Back shows nothing private`, async ({
    page,
    shop,
    person,
  }) => {
    await signInAtOrders(page, shop.orders[where], person)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible()
    expect(page.url()).toBe(`${shop.orders[where]}/`)
    await page.goBack()
    await expect(page.getByText(person.name)).toHaveCount(0)
    await page.goto(`${shop.orders[where]}/`)
    await page.getByRole('link', { name: 'Sign in' }).click()
    await expect(passwordField(page)).toBeVisible()
  })

  test(`who is signed in at the shop opens Orders ${site} without a password`, async ({ page, shop, person }) => {
    await page.goto(`${where === 'here' ? shop.catalog : shop.catalogElsewhere}/`)
    await signInAtShop(page, person)
    const wasAsked = watchForSignInPage(page)
    await page.goto(`${shop.orders[where]}/`)
    await page.getByRole('link', { name: 'Sign in' }).click()
    await expectOrdersOf(page, person)
    expect(page.url()).toBe(`${shop.orders[where]}/`)
    expect(wasAsked()).toBe(false)
  })

  test(`the legacy page ${site} signs in by each of its ways, and the address bar holds no token`, async ({
    page,
    shop,
    person,
  }) => {
    await page.goto(`${shop.legacy[where]}/`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await fillSignIn(page, person)
    await page.getByRole('button', { name: 'Allow' }).click()
    await expect(page.getByRole('heading', { name: `Signed in as ${person.name}` })).toBeVisible()
    expect(page.url()).toBe(`${shop.legacy[where]}/`)
    const answered = page.getByText('access_token', { exact: true })
    await expect(answered).toBeVisible()
    await expect(page.getByText('id_token', { exact: true })).toHaveCount(0)
    await expect(page.getByText('refresh_token')).toHaveCount(0)
    await page.goBack()
    await page.goForward()
    expect(page.url()).not.toContain('access_token')

    await page.goto(`${shop.legacy[where]}/`)
    await page.getByRole('radio', { name: /with an ID token/ }).check()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('heading', { name: `Signed in as ${person.name}` })).toBeVisible()
    await expect(page.getByText('id_token', { exact: true })).toBeVisible()

    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
    expect(page.url()).toBe(`${shop.legacy[where]}/`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(passwordField(page)).toBeVisible()
  })
}

test('denying the legacy page is said there, in words', async ({ page, shop, person }) => {
  await page.goto(`${shop.legacy.here}/`)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await fillSignIn(page, person)
  await page.getByRole('button', { name: 'Deny' }).click()
  await expect(page.getByRole('alert')).toContainText('turned down')
  expect(page.url()).toBe(`${shop.legacy.here}/`)
})

test.describe('with JavaScript switched off', () => {
  test.use({ javaScriptEnabled: false })

  test('Orders signs in and out', async ({ page, shop, person }) => {
    await signInAtOrders(page, shop.orders.here, person)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible()
  })
})

test('a bookmark of the portal opens the shop', async ({ page, shop }) => {
  for (const path of ['/', '/demo', '/demo/']) {
    await page.goto(`${shop.portal}${path}`)
    await expect(page).toHaveURL(`${shop.catalog}/`)
  }
})
