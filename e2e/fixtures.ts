import { test as base, expect, type Page } from '@playwright/test'
import { type Person, type Shop, startShop } from './shop.ts'
import { blockThirdPartyCookies } from './third-party-cookies.ts'

/** Where the shop is, seen from the portal. */
export const sites = [
  { site: 'here', where: 'on the portal’s site' },
  { site: 'elsewhere', where: 'on another site, with third-party cookies blocked' },
] as const

interface Fixtures {
  person: Person
  /** Chosen with `test.use`. */
  site: (typeof sites)[number]['site']
  /** Origin of the catalog on that site. */
  catalog: string
}

/** Tests of one worker share a shop; each takes a person nobody has seen before. */
export const test = base.extend<Fixtures, { shop: Shop }>({
  site: ['here', { option: true }],
  catalog: async ({ page, shop, site }, use) => {
    if (site === 'elsewhere') await blockThirdPartyCookies(page)
    await use(site === 'here' ? shop.catalog : shop.catalogElsewhere)
  },
  shop: [
    async ({ browserName: _ }, use) => {
      const shop = await startShop()
      await use(shop)
      await shop.stop()
    },
    { scope: 'worker' },
  ],
  person: async ({ shop }, use) => use(shop.newPerson()),
})

export { authorizeUrl } from './authorize-url.ts'
export { expect }

/** Fills in the sign-in page the browser is on. */
export async function fillSignIn(
  page: Page,
  { username, password }: Pick<Person, 'username' | 'password'>,
): Promise<void> {
  await page.getByLabel('Username or email').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Presses Sign in at the shop, signs in at the portal and allows what the shop asks for. */
export async function signInAtShop(page: Page, person: Person): Promise<void> {
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await fillSignIn(page, person)
  await page.getByRole('button', { name: 'Allow' }).click()
  await expectSignedIn(page, person)
}

export async function expectSignedIn(page: Page, { name }: Person): Promise<void> {
  await expect(page.getByText(name).first()).toBeVisible()
  await expect(page.getByText('Member price').first()).toBeVisible()
}
