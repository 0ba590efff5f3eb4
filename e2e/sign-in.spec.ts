import { expect, expectSignedIn, fillSignIn, signInAtShop, sites, test } from './fixtures.ts'
import { startShop } from './shop.ts'

test('everybody sees products and prices', async ({ page, shop }) => {
  await page.goto(`${shop.catalog}/`)
  await expect(page.getByRole('heading', { name: 'Stovetop kettle' })).toBeVisible()
  await expect(page.getByText('€79.00')).toBeVisible()
  await expect(page.getByText('Member price')).toHaveCount(0)
})

for (const { site, where } of sites) {
  test.describe(where, () => {
    test.use({ site })

    test('signs in, sees member prices, and is back on exactly the page it left', async ({ page, catalog, person }) => {
      const left = `${catalog}/products/kettle?color=red#reviews`
      await page.goto(left)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
      await expect(page.getByText('to continue to Catalog')).toBeVisible()
      await expect(page).toHaveTitle(/Demo Store/)
      await fillSignIn(page, person)
      await expect(page.getByText('Catalog would like to')).toBeVisible()
      await page.getByRole('button', { name: 'Allow' }).click()
      await expectSignedIn(page, person)
      expect(page.url()).toBe(left)
      await page.reload()
      await expectSignedIn(page, person)
      expect(page.url()).toBe(left)
    })

    test('signs out of the portal and the shop, and Back shows nothing private', async ({ page, catalog, person }) => {
      await page.goto(`${catalog}/products/mug`)
      await signInAtShop(page, person)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expect(page).toHaveURL(`${catalog}/`)
      await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
      await page.goBack()
      await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
      await expect(page.getByText(person.name)).toHaveCount(0)
      await expect(page.getByText('Member price')).toHaveCount(0)
      await page.goto(`${catalog}/`)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
    })
  })
}

test('a wrong password says so, keeps the name and puts the cursor where it is needed', async ({
  page,
  shop,
  person,
}) => {
  await page.goto(`${shop.catalog}/`)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  const unknown = { username: 'nobody at all', password: 'whatever this is' }
  await fillSignIn(page, unknown)
  const refusal = await page.getByRole('alert').textContent()
  await page.getByLabel('Username or email').clear()
  await fillSignIn(page, { username: person.username, password: 'not the password' })
  await expect(page.getByRole('alert')).toHaveText(refusal ?? '')
  await expect(page.getByLabel('Username or email')).toHaveValue(person.username)
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused()
  await page.keyboard.type(person.password)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Allow' }).click()
  await expectSignedIn(page, person)
})

test('is asked for consent once', async ({ page, shop, person }) => {
  await page.goto(`${shop.catalog}/`)
  await signInAtShop(page, person)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await fillSignIn(page, person)
  await expectSignedIn(page, person)
})

test('the access token is renewed before it ends, unnoticed', async ({ page }) => {
  const shop = await startShop({ client: { access_token_ttl: 4 } })
  try {
    const person = shop.newPerson()
    await page.goto(`${shop.catalog}/`)
    await signInAtShop(page, person)
    const sent: number[] = []
    page.on('response', (response) => {
      if (response.url().endsWith('/token')) sent.push(response.status())
    })
    await expect.poll(() => sent.filter((status) => status === 200).length, { timeout: 15_000 }).toBeGreaterThan(1)
    await expectSignedIn(page, person)
    expect(page.url()).toBe(`${shop.catalog}/`)
  } finally {
    await shop.stop()
  }
})

test('what was typed is not asked for twice when the sign-in page had run out', async ({ page }) => {
  const shop = await startShop({ limits: { interaction_ttl: 2 } })
  try {
    const person = shop.newPerson()
    await page.goto(`${shop.catalog}/products/mug`)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
    await expect
      .poll(() =>
        page
          .context()
          .cookies()
          .then((all) => all.some(({ name }) => name.endsWith('_interaction'))),
      )
      .toBe(false)
    await fillSignIn(page, person)
    await page.getByRole('button', { name: 'Allow' }).click()
    await expectSignedIn(page, person)
    expect(page.url()).toBe(`${shop.catalog}/products/mug`)
  } finally {
    await shop.stop()
  }
})

test('a sign-in page that ran out says so when it is reloaded, and works', async ({ page }) => {
  const shop = await startShop({ limits: { interaction_ttl: 2 } })
  try {
    const person = shop.newPerson()
    await page.goto(`${shop.catalog}/`)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
    await expect
      .poll(() =>
        page
          .context()
          .cookies()
          .then((all) => all.some(({ name }) => name.endsWith('_interaction'))),
      )
      .toBe(false)
    await page.reload()
    await expect(page.getByText(/started again|continue/i).first()).toBeVisible()
    await fillSignIn(page, person)
    await page.getByRole('button', { name: 'Allow' }).click()
    await expectSignedIn(page, person)
  } finally {
    await shop.stop()
  }
})
