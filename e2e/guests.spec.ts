import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { expect, expectSignedIn, fillSignIn, signInAtShop, test } from './fixtures.ts'
import { type Person, startShop } from './shop.ts'
import { blockThirdPartyCookies, tryCookies } from './third-party-cookies.ts'

/** Who the shop's API takes this page's visitor for. */
async function visitorOf(page: Page, arrive: () => Promise<unknown> = () => page.reload()) {
  const request = page.waitForRequest('**/api/products')
  await arrive()
  const [, payload = ''] = ((await request).headers().authorization ?? '').split('.')
  const { sub, session_id, guest } = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return { sub, session_id, guest }
}

async function putInCart(page: Page, shop: string, slug: string): Promise<void> {
  await page.goto(`${shop}/products/${slug}`)
  await page.getByRole('button', { name: 'Add to cart' }).click()
  await expect(page.getByText('1 in your cart')).toBeVisible()
}

async function fillCart(page: Page, shop: string): Promise<void> {
  await putInCart(page, shop, 'kettle?color=red')
  await putInCart(page, shop, 'mug')
  await page.getByRole('link', { name: 'Cart, 2 things' }).click()
  await expectCart(page, '€103.00')
}

async function expectCart(page: Page, total: string): Promise<void> {
  await expect(page.getByRole('listitem', { name: 'Stovetop kettle, Poppy red' })).toBeVisible()
  await expect(page.getByRole('listitem', { name: 'Everyday mug, Oat' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Total' })).toContainText(total)
}

/** Signs in from a page that need not show prices afterwards. */
async function signIn(page: Page, person: Person): Promise<void> {
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await fillSignIn(page, person)
  await page.getByRole('button', { name: 'Allow' }).click()
}

/** Notes on every page whether the cart was ever shown as empty. */
async function watchForEmptiness(page: Page): Promise<() => Promise<boolean>> {
  await page.addInitScript(() => {
    new MutationObserver(() => {
      if (document.body?.textContent?.includes('Nothing here yet')) document.documentElement.dataset.sawEmpty = 'yes'
    }).observe(document, { childList: true, subtree: true })
  })
  return () => page.evaluate(() => document.documentElement.dataset.sawEmpty === 'yes')
}

test('prices are for whoever holds a token', async ({ request, shop }) => {
  const answer = await request.get(`${shop.catalog}/api/products`)
  expect(answer.status()).toBe(401)
})

for (const site of ['catalog', 'catalogElsewhere'] as const) {
  const where = site === 'catalog' ? 'on the portal’s site' : 'on another site, with third-party cookies blocked'
  test.describe(where, () => {
    test('a visitor stays the same through a reload and closing the browser', async ({ shop, launchOptions }) => {
      const folder = await mkdtemp(join(tmpdir(), 'portico-browser-'))
      const openBrowser = async () => {
        const context = await chromium.launchPersistentContext(folder, launchOptions)
        const page = await context.newPage()
        if (site === 'catalogElsewhere') await blockThirdPartyCookies(page)
        return { context, page }
      }
      const first = await openBrowser()
      const visitor = await visitorOf(first.page, () => first.page.goto(`${shop[site]}/`))
      expect(visitor.guest).toBe(true)
      await expect(first.page.getByText('€79.00')).toBeVisible()
      expect(await visitorOf(first.page)).toEqual(visitor)
      await putInCart(first.page, shop[site], 'mug')
      await first.context.close()
      const second = await openBrowser()
      expect(await visitorOf(second.page, () => second.page.goto(`${shop[site]}/`))).toEqual(visitor)
      await expect(second.page.getByRole('link', { name: 'Cart, 1 thing' })).toBeVisible()
      await second.context.close()
      await rm(folder, { recursive: true, force: true })
    })

    test('the cart comes along when a visitor signs in, and nobody who comes after sees any of it', async ({
      page,
      shop,
      person,
    }) => {
      if (site === 'catalogElsewhere') {
        await blockThirdPartyCookies(page)
        expect(await tryCookies(page)).toEqual({ ofOwnSite: true, ofOtherSite: false })
      }
      const guest = await visitorOf(page, () => page.goto(`${shop[site]}/`))
      await fillCart(page, shop[site])
      await signInAtShop(page, person)
      expect(page.url()).toBe(`${shop[site]}/cart`)
      await expectCart(page, '€83.00')
      const member = await visitorOf(page)
      expect(member).toEqual({ sub: expect.not.stringMatching(guest.sub), session_id: guest.session_id })

      await page.getByRole('button', { name: 'Sign out' }).click()
      // By way of the portal; a link pressed before would be left again by the way back.
      await expect(page).toHaveURL(`${shop[site]}/`)
      await page.getByRole('link', { name: 'Cart', exact: true }).click()
      await expect(page.getByText('Nothing here yet')).toBeVisible()
      const next = await visitorOf(page)
      expect(next.guest).toBe(true)
      expect([guest.sub, member.sub]).not.toContain(next.sub)
      expect(next.session_id).not.toBe(guest.session_id)

      const other = shop.newPerson()
      await signIn(page, other)
      await expect(page.getByText(other.name)).toBeVisible()
      await expect(page.getByText('Nothing here yet')).toBeVisible()
      await expect(page.getByText(person.name)).toHaveCount(0)
      expect((await visitorOf(page)).session_id).toBe(next.session_id)
    })
  })
}

test('while the shop can not hear of it the cart is moving, never empty, also in other tabs and after a reload', async ({
  context,
  page,
  shop,
  person,
}) => {
  const sawEmpty = await watchForEmptiness(page)
  await fillCart(page, shop.catalog)
  shop.receiver.isUp = false
  await signIn(page, person)
  await expect(page.getByText('Moving your cart…')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Cart, moving' })).toBeVisible()
  await page.reload()
  await expect(page.getByText('Moving your cart…')).toBeVisible()
  const tab = await context.newPage()
  await tab.goto(`${shop.catalog}/products/mug`)
  await expect(tab.getByText('Moving your cart…')).toBeVisible()
  await expect(tab.getByRole('button', { name: 'Add to cart' })).toBeDisabled()
  shop.receiver.isUp = true
  await expectCart(page, '€83.00')
  await expect(tab.getByText('1 in your cart')).toBeVisible()
  expect(await sawEmpty()).toBe(false)
  // One event, however often it was brought: each of the two things is there once.
  expect(new Set(shop.receiver.brought.slice(-2)).size).toBe(1)
})

test('tabs opened at once are one visitor, and forget them together', async ({ context, shop }) => {
  const [first, second] = [await context.newPage(), await context.newPage()]
  const tabs = [first, second, await context.newPage()]
  const visitors = await Promise.all(tabs.map((tab) => visitorOf(tab, () => tab.goto(`${shop.catalog}/`))))
  expect(new Set(visitors.map(({ sub }) => sub)).size).toBe(1)
  await putInCart(first, shop.catalog, 'mug')
  await second.reload()
  await expect(second.getByRole('link', { name: 'Cart, 1 thing' })).toBeVisible()
  await second.getByRole('button', { name: 'Forget this visit' }).click()
  await expect(second.getByText('Forgotten. This is a new visit.')).toBeVisible()
  await expect(first.getByRole('link', { name: 'Cart', exact: true })).toBeVisible()
  const next = await visitorOf(second)
  expect(next.session_id).not.toBe(visitors[0]?.session_id)
  expect(await visitorOf(first)).toEqual(next)
})

test('signing in reaches a tab that stayed behind, and so does signing out', async ({
  context,
  page,
  shop,
  person,
}) => {
  const behind = await context.newPage()
  await behind.goto(`${shop.catalog}/`)
  await putInCart(page, shop.catalog, 'kettle')
  await signInAtShop(page, person)
  await expectSignedIn(behind, person)
  await expect(behind.getByRole('link', { name: 'Cart, 1 thing' })).toBeVisible()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(behind.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  await expect(behind.getByRole('link', { name: 'Cart', exact: true })).toBeVisible()
  expect(await visitorOf(behind)).toEqual(await visitorOf(page))
})

test('who turns back at the portal is still the same visitor, with their cart', async ({ page, shop }) => {
  await fillCart(page, shop.catalog)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  expect(page.url()).not.toContain('guest')
  await page.goBack()
  await expectCart(page, '€103.00')
  await page.getByRole('button', { name: 'One more' }).first().click()
  await expect(page.getByRole('link', { name: 'Cart, 3 things' })).toBeVisible()
  await page.getByRole('button', { name: 'Remove Everyday mug, Oat' }).click()
  await expect(page.getByRole('link', { name: 'Cart, 2 things' })).toBeVisible()
})

test('where no more visitors are let in for now the shop says so kindly, and signing in works', async ({
  browser,
  page,
}) => {
  const shop = await startShop({ limits: { guest_burst: 1, guests_per_minute: 1 } })
  try {
    await page.goto(`${shop.catalog}/`)
    await expect(page.getByText('€79.00')).toBeVisible()
    const late = await (await browser.newContext()).newPage()
    let asked = 0
    late.on('request', (request) => {
      if (request.url().endsWith('/token')) asked++
    })
    await late.goto(`${shop.catalog}/`)
    await expect(late.getByText('Please wait a little')).toBeVisible()
    await expect(late.getByText('could not be loaded')).toHaveCount(0)
    await late.waitForTimeout(1500)
    // Once, and once more with the nonce it was given.
    expect(asked).toBeLessThanOrEqual(2)
    await signInAtShop(late, shop.newPerson())
  } finally {
    await shop.stop()
  }
})
