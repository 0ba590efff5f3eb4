import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { checkPage } from './check-page.ts'
import { authorizeUrl, test as base, expect, expectSignedIn, fillSignIn, signInAtShop } from './fixtures.ts'
import { startWholeShop, type WholeShop } from './other-apps.ts'
import type { Person } from './shop.ts'
import { blockThirdPartyCookies } from './third-party-cookies.ts'

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
const signInButton = (page: Page) => page.getByRole('button', { name: 'Sign in', exact: true })
const signInLink = (page: Page) => page.getByRole('link', { name: 'Sign in' })

type Where = 'here' | 'elsewhere'

/** A tab as the browser's person has set it up for this site. */
async function openTab(context: BrowserContext, where: Where): Promise<Page> {
  const page = await context.newPage()
  if (where === 'elsewhere') await blockThirdPartyCookies(page)
  return page
}

/** Opens Orders for somebody the portal knows. */
async function openOrders(page: Page, address: string, { name }: Person): Promise<void> {
  await page.goto(address)
  await signInLink(page).click()
  await expect(page.getByRole('heading', { name: 'Your orders' })).toBeVisible()
  await expect(page.getByText(name)).toBeVisible()
}

/** Waits until Orders has been told; each look is a fresh page. */
async function expectSignedOutOfOrders(page: Page, address: string, timeout = 1_000): Promise<void> {
  await expect(async () => {
    await page.goto(address)
    await expect(signInLink(page)).toBeVisible({ timeout: 50 })
  }).toPass({ timeout, intervals: [50] })
}

async function chooseOtherWayOut(page: Page, name: string): Promise<void> {
  await page.getByLabel('More', { exact: true }).click()
  await page.getByRole('button', { name }).click()
}

/** The shop again, with somebody new in it. */
async function expectVisitorAt(page: Page, home: string): Promise<void> {
  await expect(page).toHaveURL(home)
  await expect(signInButton(page)).toBeVisible()
}

for (const where of ['here', 'elsewhere'] as const) {
  const site = where === 'here' ? 'on the portal’s site' : 'on another site, with third-party cookies blocked'

  test.describe(site, () => {
    const homes = (shop: WholeShop) => ({
      catalog: `${where === 'here' ? shop.catalog : shop.catalogElsewhere}/`,
      orders: `${shop.orders[where]}/`,
      legacy: `${shop.legacy[where]}/`,
    })
    test.beforeEach(async ({ page }) => {
      if (where === 'elsewhere') await blockThirdPartyCookies(page)
    })

    test('signing out at the shop signs out of Orders within a second, and of the portal', async ({
      page,
      context,
      shop,
      person,
    }) => {
      const { catalog, orders } = homes(shop)
      await page.goto(catalog)
      await signInAtShop(page, person)
      const tab = await openTab(context, where)
      await openOrders(tab, orders, person)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expectVisitorAt(page, catalog)
      await expectSignedOutOfOrders(tab, orders)
      await signInLink(tab).click()
      await expect(passwordField(tab)).toBeVisible()
    })

    test('signing out at Orders reaches a tab of the shop at its next call', async ({
      page,
      context,
      shop,
      person,
    }) => {
      const { catalog, orders } = homes(shop)
      await page.goto(catalog)
      await signInAtShop(page, person)
      const tab = await openTab(context, where)
      await openOrders(tab, orders, person)
      await tab.getByRole('button', { name: 'Sign out' }).click()
      await expect(signInLink(tab)).toBeVisible()
      await page.reload()
      await expect(page.getByText('Your session has ended')).toBeVisible()
      await expect(page.getByText(person.name)).toHaveCount(0)
    })

    test('signing out everywhere ends every browser, at every app, and asks nothing', async ({
      page,
      browser,
      shop,
      person,
    }) => {
      const { catalog, orders } = homes(shop)
      await page.goto(catalog)
      await signInAtShop(page, person)
      const otherDevice = await openTab(await browser.newContext(), where)
      await otherDevice.goto(catalog)
      await signInButton(otherDevice).click()
      await fillSignIn(otherDevice, person)
      await expectSignedIn(otherDevice, person)
      const ordersThere = await openTab(otherDevice.context(), where)
      await openOrders(ordersThere, orders, person)

      await chooseOtherWayOut(page, 'Sign out everywhere')
      await expectVisitorAt(page, catalog)
      await expectSignedOutOfOrders(ordersThere, orders)
      await otherDevice.reload()
      await expect(otherDevice.getByText('Your session has ended')).toBeVisible()
      await signInButton(otherDevice).click()
      await expect(passwordField(otherDevice)).toBeVisible()
      await otherDevice.context().close()
    })

    test('signing out of the shop only leaves Orders and the portal alone', async ({ page, context, shop, person }) => {
      const { catalog, orders } = homes(shop)
      await page.goto(catalog)
      await signInAtShop(page, person)
      const tab = await openTab(context, where)
      await openOrders(tab, orders, person)
      await chooseOtherWayOut(page, 'Sign out of the shop only')
      await expect(page.getByText('You are signed out.')).toBeVisible()
      await tab.reload()
      await expect(tab.getByText(person.name)).toBeVisible()
      await signInButton(page).click()
      await expectSignedIn(page, person)
    })

    test('signing out everywhere from Orders does the same for the shop', async ({ page, context, shop, person }) => {
      const { catalog, orders } = homes(shop)
      await page.goto(catalog)
      await signInAtShop(page, person)
      const tab = await openTab(context, where)
      await openOrders(tab, orders, person)
      await chooseOtherWayOut(tab, 'Sign out everywhere')
      await expect(signInLink(tab)).toBeVisible()
      expect(tab.url()).toBe(orders)
      await page.reload()
      await expect(page.getByText(person.name)).toHaveCount(0)
    })

    test('the legacy page is signed out at its next call, and by itself through the portal', async ({
      page,
      context,
      shop,
      person,
    }) => {
      const { catalog, legacy } = homes(shop)
      const openLegacy = async (tab: Page) => {
        await tab.goto(legacy)
        await tab.getByRole('radio', { name: /with an ID token/ }).check()
        await signInButton(tab).click()
      }
      await page.goto(catalog)
      await signInAtShop(page, person)
      const tab = await openTab(context, where)
      await openLegacy(tab)
      await tab.getByRole('button', { name: 'Allow' }).click()
      await expect(tab.getByRole('heading', { name: `Signed in as ${person.name}` })).toBeVisible()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expectVisitorAt(page, catalog)
      await tab.getByRole('button', { name: 'Ask again' }).click()
      await expect(tab.getByRole('alert')).toContainText('You are signed out')
      await expect(tab.getByText(person.name)).toHaveCount(0)

      await openLegacy(tab)
      await fillSignIn(tab, person)
      await tab.getByRole('button', { name: 'Sign out' }).click()
      await expect(signInButton(tab)).toBeVisible()
      expect(tab.url()).toBe(legacy)
    })
  })
}

test('signing out while Orders can’t be told signs out of it as soon as it can', async ({
  page,
  context,
  shop,
  person,
}) => {
  await page.goto(`${shop.catalog}/`)
  await signInAtShop(page, person)
  const tab = await context.newPage()
  await openOrders(tab, `${shop.orders.here}/`, person)
  shop.ordersReceiver.isUp = false
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expectVisitorAt(page, `${shop.catalog}/`)
  await page.waitForTimeout(1_500)
  await tab.reload()
  await expect(tab.getByText(person.name)).toBeVisible()
  shop.ordersReceiver.isUp = true
  await expectSignedOutOfOrders(tab, `${shop.orders.here}/`, 10_000)
})

test('somebody else who signs in ends the first person’s orders too; “Not you?” alone ends nothing', async ({
  page,
  context,
  shop,
  person,
}) => {
  const orders = `${shop.orders.here}/`
  await page.goto(`${shop.catalog}/`)
  await signInAtShop(page, person)
  const tab = await context.newPage()
  await openOrders(tab, orders, person)
  await page.goto(authorizeUrl(shop, { prompt: 'consent' }))
  await page.getByRole('button', { name: 'Not you?' }).click()
  await expect(passwordField(page)).toBeVisible()
  await tab.reload()
  await expect(tab.getByText(person.name)).toBeVisible()
  const other = shop.newPerson()
  await fillSignIn(page, other)
  await expect(page.getByText(other.name)).toBeVisible()
  await expectSignedOutOfOrders(tab, orders)
})

test('a link on a stranger’s page asks first, in words that say what ends', async ({ page, browser, shop, person }) => {
  await page.goto(`${shop.catalog}/`)
  await signInAtShop(page, person)
  await openOrders(page, `${shop.orders.here}/`, person)
  await page.goto(`${shop.issuer}/logout`)
  await expect(page.getByRole('heading', { name: 'Sign out?' })).toBeVisible()
  await expect(page.getByText(/in this browser: Catalog and Orders\./)).toBeVisible()
  await page.getByRole('link', { name: 'Sign out everywhere' }).click()
  await expect(page.getByRole('heading', { name: 'Sign out everywhere?' })).toBeVisible()
  await expect(page.getByText(/on every device: Catalog and Orders\./)).toBeVisible()
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await expect(page.getByText('in every browser and on every device')).toBeVisible()

  const stranger = await (await browser.newContext()).newPage()
  await stranger.goto(`${shop.issuer}/logout?logout_scope=everywhere`)
  await expect(stranger.getByText('may still be signed in')).toBeVisible()
  await stranger.context().close()
})

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [390, 1280]) {
    test.describe(`${colorScheme}, ${width} px wide`, () => {
      test.use({ colorScheme, viewport: { width, height: 800 } })

      test('each page of the way out passes axe and needs no sideways scrolling', async ({ page, shop, person }) => {
        test.slow()
        await page.goto(`${shop.catalog}/`)
        await signInAtShop(page, person)
        await page.getByLabel('More', { exact: true }).click()
        await checkPage(page)
        await openOrders(page, `${shop.orders.here}/`, person)
        await page.getByLabel('More', { exact: true }).click()
        await checkPage(page)
        await page.goto(`${shop.issuer}/logout`)
        await checkPage(page)
        await page.goto(`${shop.issuer}/logout?logout_scope=everywhere`)
        await checkPage(page)
        await page.getByRole('button', { name: 'Sign out everywhere' }).click()
        await expect(page.getByRole('heading', { name: 'You’re signed out' })).toBeVisible()
        await checkPage(page)
        await page.goto(`${shop.issuer}/logout?logout_scope=everywhere`)
        await expect(page.getByText('may still be signed in')).toBeVisible()
        await checkPage(page)
      })
    })
  }
}

test('signing out everywhere needs no mouse', async ({ page, shop, person }) => {
  await page.goto(`${shop.catalog}/`)
  await signInAtShop(page, person)
  const everywhere = page.getByRole('button', { name: 'Sign out everywhere' })
  await page.getByRole('button', { name: 'Sign out', exact: true }).focus()
  await page.keyboard.press('Tab')
  await expect(page.getByLabel('More', { exact: true })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(everywhere).toBeVisible()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Escape')
  await expect(everywhere).toBeHidden()
  await expect(page.getByLabel('More', { exact: true })).toBeFocused()
  await page.keyboard.press('Space')
  for (let presses = 0; presses < 3; presses++) await page.keyboard.press('Tab')
  await expect(everywhere).toBeHidden()
  await page.getByLabel('More', { exact: true }).focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await expect(everywhere).toBeFocused()
  await page.keyboard.press('Enter')
  await expectVisitorAt(page, `${shop.catalog}/`)
})

test.describe('with JavaScript switched off', () => {
  test.use({ javaScriptEnabled: false })

  test('Orders signs out everywhere, and the portal asks when it has to', async ({ page, shop, person }) => {
    const orders = `${shop.orders.here}/`
    await page.goto(orders)
    await signInLink(page).click()
    await fillSignIn(page, person)
    await chooseOtherWayOut(page, 'Sign out everywhere')
    await expect(signInLink(page)).toBeVisible()
    expect(page.url()).toBe(orders)

    await signInLink(page).click()
    await fillSignIn(page, person)
    await page.goto(`${shop.issuer}/logout`)
    await page.getByRole('link', { name: 'Sign out everywhere' }).click()
    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await expect(page.getByRole('heading', { name: 'You’re signed out' })).toBeVisible()
    await expectSignedOutOfOrders(page, orders)
  })

  test('what is wrong is explained, with a way on that works', async ({ page, shop, person }) => {
    for (const address of [
      `${shop.issuer}/interaction/nonsense`,
      `${shop.issuer}/nowhere`,
      `${shop.issuer}/logout?logout_scope=galaxy`,
      `${shop.issuer}/logout?client_id=catalog&post_logout_redirect_uri=https://evil.test/`,
      authorizeUrl(shop, { redirect_uri: 'https://evil.test/callback' }),
      authorizeUrl(shop, { client_id: 'unheard-of' }),
      authorizeUrl(shop, { code_challenge_method: 'plain', redirect_uri: 'nonsense' }),
    ]) {
      const answer = await page.goto(address)
      expect(answer?.status(), address).toBeGreaterThanOrEqual(400)
      expect(answer?.status(), address).toBeLessThan(500)
      expect(new URL(page.url()).origin).toBe(shop.portal)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await page.getByRole('link', { name: /Catalog/ }).click()
      await expect(page).toHaveURL(`${shop.catalog}/`)
    }
    // A page that has run out carries on from a plain form post.
    await page.goto(authorizeUrl(shop))
    await page.context().clearCookies({ name: /interaction/ })
    await fillSignIn(page, person)
    await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible()
  })
})

/** As a person does; Playwright's own waits for a page to load, which one that was kept never does. */
async function pressBack(page: Page): Promise<void> {
  await page.evaluate(() => history.back())
  await page.waitForTimeout(500)
}

test.describe('Back, in a browser that keeps pages as they were left', () => {
  test('shows nothing private after signing out, at the shop or at Orders', async ({ shop, person, launchOptions }) => {
    // Playwright switches off what keeps them.
    const ignoreDefaultArgs = ['--disable-back-forward-cache']
    const browser = await chromium.launch({ ...launchOptions, ignoreDefaultArgs })
    const page = await browser.newPage()
    await page.addInitScript(() => {
      addEventListener('pageshow', ({ persisted }) => {
        if (persisted) sessionStorage.setItem('restored', 'yes')
      })
    })
    const [catalog, orders] = [`${shop.catalog}/`, `${shop.orders.here}/`]
    await page.goto(catalog)
    await signInAtShop(page, person)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expectVisitorAt(page, catalog)
    await pressBack(page)
    await expect(page.getByText(person.name)).toHaveCount(0)

    await page.goto(catalog)
    await signInButton(page).click()
    await fillSignIn(page, person)
    await expectSignedIn(page, person)
    await openOrders(page, orders, person)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(signInLink(page)).toBeVisible()
    const restored = new Set<string>()
    for (let steps = 0; steps < 5; steps++) {
      await pressBack(page)
      await expect(page.getByText(person.name)).toHaveCount(0)
      if (await page.evaluate(() => sessionStorage.getItem('restored'))) restored.add(new URL(page.url()).origin)
    }
    // Else this would show nothing.
    expect([...restored].toSorted()).toEqual([shop.catalog, shop.orders.here].toSorted())
    await browser.close()
  })
})
