import { test as base, expect } from './fixtures.ts'
import { startPageApp } from './page-app.ts'
import { freePort, type Shop, startShop } from './shop.ts'

const port = await freePort()
const origin = `http://localhost:${port}`

const test = base.extend<{ storefront: string }, { shop: Shop }>({
  shop: [
    async ({ browserName: _ }, use) => {
      const storefront = {
        client_id: 'storefront',
        grant_types: ['password', 'refresh_token', 'urn:portico:grant-type:guest'],
        guest: { template_user: 'visitor' },
        allowed_origins: [origin],
      }
      const shop = await startShop({ clients: [storefront], compat: { ordercloud: {} } })
      await use(shop)
      await shop.stop()
    },
    { scope: 'worker' },
  ],
  storefront: async ({ shop }, use) => {
    const data = { issuer: shop.issuer }
    const app = await startPageApp('strangers/ordercloud.ts', { port, data })
    await use(app.origin)
    app.stop()
  },
})

test('a shop written for OrderCloud lets people browse, log in, and stay for three silent renewals', async ({
  page,
  storefront,
  person,
}) => {
  await page.clock.install()
  await page.goto(storefront)
  await page.getByRole('button', { name: 'Browse' }).click()
  await expect(page.getByRole('main')).toHaveText('Hello visitor, with token 1')
  await page.getByLabel('Name').fill(person.username)
  await page.getByLabel('Password').fill(person.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.getByRole('main')).toHaveText(`Hello ${person.username}, with token 2`)
  for (const token of [3, 4, 5]) {
    // The page's clock runs ahead of the token's end; the next call renews it.
    await page.clock.fastForward('01:00:00')
    await page.getByRole('button', { name: 'Call' }).click()
    await expect(page.getByRole('main')).toHaveText(`Hello ${person.username}, with token ${token}`)
  }
})

test('a shop written for OrderCloud tells a wrong password by its code', async ({ page, storefront, person }) => {
  await page.goto(storefront)
  await page.getByLabel('Name').fill(person.username)
  await page.getByLabel('Password').fill('not this one')
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.getByRole('main')).toHaveText('Auth.InvalidUsernameOrPassword')
})
