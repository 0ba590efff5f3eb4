import type { Page } from '@playwright/test'
import { checkPage } from './check-page.ts'
import { authorizeUrl, expect, fillSignIn, test } from './fixtures.ts'
import type { Person, Shop } from './shop.ts'

/** As many as the tenant allows in a row. */
const FAILURES = 10

const signIn = (page: Page) => page.getByRole('button', { name: 'Sign in', exact: true })
const alert = (page: Page) => page.getByRole('alert')

async function failUntilPaused(page: Page, shop: Shop, { username }: Person): Promise<void> {
  await page.goto(authorizeUrl(shop))
  for (let index = 0; index < FAILURES; index++) {
    const answered = page.waitForResponse((response) => response.request().method() === 'POST')
    await fillSignIn(page, { username, password: `wrong ${index}` })
    await answered
    await expect(alert(page)).toContainText('don’t match')
  }
}

test('too many wrong passwords: the page says for how long it is paused, and keeps the name', async ({
  page,
  shop,
  person,
}) => {
  await failUntilPaused(page, shop, person)
  await fillSignIn(page, person)
  await expect(alert(page)).toContainText('signing in is paused. Try again in 2 minutes.')
  await expect(page.getByLabel('Username or email')).toHaveValue(person.username)
  await expect(signIn(page)).toBeFocused()
  await expect(signIn(page)).toHaveAccessibleDescription(/Try again in 2 minutes/)

  await page.keyboard.press('Enter')
  await expect(alert(page)).toContainText('Try again in')
  await page.reload()
  await expect(alert(page)).toHaveCount(0)
})

test('a pause for one person keeps nobody else out, nor a browser that person has used', async ({
  page,
  browser,
  shop,
  person,
}) => {
  const own = await browser.newPage()
  await own.goto(authorizeUrl(shop))
  await fillSignIn(own, person)
  await expect(own.getByRole('button', { name: 'Allow' })).toBeVisible()

  await failUntilPaused(page, shop, person)
  await fillSignIn(page, person)
  await expect(alert(page)).toContainText('paused')
  await fillSignIn(page, shop.newPerson())
  await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible()

  await own.goto(`${authorizeUrl(shop)}&prompt=login`)
  await fillSignIn(own, person)
  await expect(own.getByRole('button', { name: 'Allow' })).toBeVisible()
  await own.close()
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('the pause is a page of its own, with the form', async ({ page, shop, person }) => {
    await page.goto(authorizeUrl(shop))
    for (let index = 0; index < FAILURES; index++) await fillSignIn(page, { ...person, password: `wrong ${index}` })
    await fillSignIn(page, person)
    await expect(alert(page)).toContainText('Try again in 2 minutes.')
    await expect(page.getByLabel('Username or email')).toHaveValue(person.username)
  })
})

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [390, 1280]) {
    test.describe(`${colorScheme}, ${width} px wide`, () => {
      test.use({ colorScheme, viewport: { width, height: 800 } })

      test('the paused page passes axe and needs no sideways scrolling', async ({ page, shop, person }) => {
        await failUntilPaused(page, shop, person)
        await fillSignIn(page, person)
        await expect(alert(page)).toContainText('paused')
        await checkPage(page)
      })
    })
  }
}
