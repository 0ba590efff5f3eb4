import { authorizeUrl, expect, expectSignedIn, fillSignIn, signInAtShop, sites, test } from './fixtures.ts'

for (const { site, where } of sites) {
  test.describe(where, () => {
    test.use({ site })

    test('denying consent leads back to the shop, as a visitor', async ({ page, catalog, person }) => {
      await page.goto(`${catalog}/products/mug?size=large`)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await fillSignIn(page, person)
      await page.getByRole('button', { name: 'Deny' }).click()
      await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
      expect(page.url()).toBe(`${catalog}/products/mug?size=large`)
    })

    test('Back after signing in does not ask again', async ({ page, catalog, person }) => {
      await page.goto(`${catalog}/`)
      await signInAtShop(page, person)
      await page.goBack()
      await expectSignedIn(page, person)
    })

    test('signing in from two tabs works in both', async ({ context, catalog, person }) => {
      const [first, second] = [await context.newPage(), await context.newPage()]
      await first.goto(`${catalog}/products/mug`)
      await second.goto(`${catalog}/products/kettle`)
      await first.getByRole('button', { name: 'Sign in', exact: true }).click()
      await second.getByRole('button', { name: 'Sign in', exact: true }).click()
      await expect(second.getByRole('heading', { name: 'Sign in' })).toBeVisible()
      await fillSignIn(first, person)
      await first.getByRole('button', { name: 'Allow' }).click()
      await expectSignedIn(first, person)
      await fillSignIn(second, person)
      await expectSignedIn(second, person)
      expect(new URL(first.url()).pathname).toBe('/products/mug')
      expect(new URL(second.url()).pathname).toBe('/products/kettle')
    })
  })
}

test('an interaction that never was is explained, with a way on', async ({ page, shop }) => {
  const response = await page.goto(`${shop.issuer}/interaction/nonsense`)
  expect(response?.status()).toBe(404)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.getByRole('link', { name: /Catalog/ }).click()
  await expect(page.getByRole('heading', { name: 'Stovetop kettle' })).toBeVisible()
})

test('a redirect address that is not registered is never followed', async ({ page, shop }) => {
  const response = await page.goto(authorizeUrl(shop, { redirect_uri: 'https://evil.test/callback' }))
  expect(response?.status()).toBe(400)
  expect(new URL(page.url()).origin).toBe(shop.portal)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.getByText(/at .*\.(ts|js):\d+/)).toHaveCount(0)
  await expect(page.getByRole('link', { name: /Catalog/ })).toBeVisible()
})

test('an app nobody registered is never followed', async ({ page, shop }) => {
  await page.goto(authorizeUrl(shop, { client_id: 'unheard-of' }))
  expect(new URL(page.url()).origin).toBe(shop.portal)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
})

test.describe('with JavaScript switched off', () => {
  test.use({ javaScriptEnabled: false })

  test('signing in works: a wrong password, the right one, consent, back at the app with a code', async ({
    page,
    shop,
    person,
  }) => {
    await page.goto(authorizeUrl(shop))
    await fillSignIn(page, { ...person, password: 'not the password' })
    await expect(page.getByText('don’t match')).toBeVisible()
    await expect(page.getByLabel('Username or email')).toHaveValue(person.username)
    await expect(page.getByLabel('Password', { exact: true })).toBeFocused()
    await fillSignIn(page, person)
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.waitForURL((url) => url.origin === shop.catalog)
    const answer = new URL(page.url()).searchParams
    expect(answer.get('code')).toBeTruthy()
    expect(answer.get('state')).toBe('made-by-hand')
    expect(answer.get('iss')).toBe(shop.issuer)
  })

  test('denying works', async ({ page, shop, person }) => {
    await page.goto(authorizeUrl(shop))
    await fillSignIn(page, person)
    await page.getByRole('button', { name: 'Deny' }).click()
    await page.waitForURL((url) => url.origin === shop.catalog)
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied')
  })

  test('signing out asks, and says when it is done', async ({ page, shop, person }) => {
    await page.goto(authorizeUrl(shop))
    await fillSignIn(page, person)
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.goto(`${shop.issuer}/logout`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toContainText(/signed out/i)
  })
})
