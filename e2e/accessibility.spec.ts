import { checkPage } from './check-page.ts'
import { expect, fillSignIn, test } from './fixtures.ts'

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [320, 1280]) {
    test.describe(`${colorScheme}, ${width} px wide`, () => {
      test.use({ colorScheme, viewport: { width, height: 800 } })

      test('each page of the way in passes axe and needs no sideways scrolling', async ({ page, shop, person }) => {
        await page.goto(`${shop.catalog}/`)
        await checkPage(page)
        await page.goto(`${shop.catalog}/products/kettle`)
        await page.getByRole('button', { name: 'Add to cart' }).click()
        await page.getByRole('link', { name: 'your cart' }).click()
        await expect(page.getByRole('heading', { name: 'Your cart' })).toBeVisible()
        await checkPage(page)
        await page.getByRole('button', { name: 'Sign in', exact: true }).click()
        await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
        await checkPage(page)
        await fillSignIn(page, { ...person, password: 'wrong' })
        await expect(page.getByRole('alert')).toContainText('match')
        await checkPage(page)
        await fillSignIn(page, person)
        await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible()
        await checkPage(page)
        await page.goto(`${shop.issuer}/interaction/nonsense`)
        await checkPage(page)
        await page.goto(`${shop.issuer}/logout`)
        await checkPage(page)
      })
    })
  }
}

test('signing in needs no mouse', async ({ page, shop, person }) => {
  await page.goto(`${shop.catalog}/`)
  const signIn = page.getByRole('button', { name: 'Sign in', exact: true })
  await signIn.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Username or email')).toBeFocused()
  await page.keyboard.type(person.username)
  await page.keyboard.press('Tab')
  await page.keyboard.type(person.password)
  await page.keyboard.press('Enter')
  const allow = page.getByRole('button', { name: 'Allow' })
  await expect(allow).toBeVisible()
  for (
    let presses = 0;
    presses < 8 && !(await allow.evaluate((button) => button === document.activeElement));
    presses++
  ) {
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Enter')
  await expect(page.getByText(person.name).first()).toBeVisible()
})
