import { authorizeUrl, test as base, expect, fillSignIn } from './fixtures.ts'
import { startPageApp } from './page-app.ts'
import { freePort, type Shop, startShop } from './shop.ts'

const [reactPort, angularPort] = [await freePort(), await freePort()]

/** A client whose only address is its home. */
function aClient(client_id: string, port: number, more: Record<string, unknown> = {}) {
  const origin = `http://localhost:${port}`
  const home = [`${origin}/`]
  const addresses = { redirect_uris: home, post_logout_redirect_uris: home, allowed_origins: [origin] }
  return { client_id, consent: 'skip', ...addresses, ...more }
}

const test = base.extend<object, { shop: Shop }>({
  shop: [
    async ({ browserName: _ }, use) => {
      const angular = aClient('angular', angularPort, { grant_types: ['implicit'] })
      const shop = await startShop({ clients: [aClient('react', reactPort), angular] })
      await use(shop)
      await shop.stop()
    },
    { scope: 'worker' },
  ],
})

test('react-oidc-context signs in, renews by refresh token and signs out', async ({ page, shop, person }) => {
  const app = await startPageApp('strangers/react-oidc-context.tsx', { port: reactPort, issuer: shop.issuer })
  await page.goto(app.origin)
  await page.getByRole('button', { name: 'Log in' }).click()
  await fillSignIn(page, person)
  await expect(page.getByText('Hello')).toBeVisible()
  expect(page.url()).toBe(`${app.origin}/`)
  const before = await page.getByText('Refresh token').textContent()
  await page.getByRole('button', { name: 'Renew' }).click()
  await expect(page.getByText('Refresh token')).not.toHaveText(before ?? '')
  await page.getByRole('button', { name: 'Log out' }).click()
  await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible()
  app.stop()
})

test('angular-oauth2-oidc signs in with the implicit flow and signs out', async ({ page, shop, person }) => {
  const app = await startPageApp('strangers/angular-oauth2-oidc.ts', { port: angularPort, issuer: shop.issuer })
  await page.goto(app.origin)
  await page.getByRole('button', { name: 'Log in' }).click()
  await fillSignIn(page, person)
  await expect(page.getByText(`Hello ${person.name}`)).toBeVisible()
  expect(page.url()).not.toContain('access_token')
  await page.getByRole('button', { name: 'Log out' }).click()
  await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible()
  app.stop()
})

test('an answer that is to be posted reaches its app by itself', async ({ page, shop, person }) => {
  const app = await startPageApp('strangers/angular-oauth2-oidc.ts', { port: angularPort, issuer: shop.issuer })
  const request = { client_id: 'angular', redirect_uri: `${app.origin}/`, scope: 'openid', nonce: 'a-nonce' }
  const asked = { ...request, response_type: 'id_token token', response_mode: 'form_post' }
  const posted = page.waitForRequest((sent) => sent.method() === 'POST' && sent.url() === `${app.origin}/`)
  await page.goto(authorizeUrl(shop, asked))
  await fillSignIn(page, person)
  const answer = new URLSearchParams((await posted).postData() ?? '')
  expect([...answer.keys()].sort()).toEqual([
    'access_token',
    'expires_in',
    'id_token',
    'iss',
    'scope',
    'state',
    'token_type',
  ])
  app.stop()
})
