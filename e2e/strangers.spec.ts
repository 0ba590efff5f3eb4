import { createHash, X509Certificate } from 'node:crypto'
import { type Certificate, trustedCertificate } from '../src/server/strangers/test/certificates.ts'
import { authorizeUrl, test as base, expect, fillSignIn } from './fixtures.ts'
import { startPageApp } from './page-app.ts'
import { freePort, type Shop, startShop } from './shop.ts'

type Scheme = 'http' | 'https'

const port = { react: await freePort(), angular: await freePort(), oidc: await freePort() }
const entries = {
  react: 'strangers/react-oidc-context.tsx',
  angular: 'strangers/angular-oauth2-oidc.ts',
  oidc: 'strangers/oidc-client-ts.ts',
}

/** A client whose only address is its home. */
function aClient(client_id: keyof typeof port, scheme: Scheme, more: Record<string, unknown> = {}) {
  const origin = `${scheme}://localhost:${port[client_id]}`
  const home = [`${origin}/`]
  const addresses = { redirect_uris: home, post_logout_redirect_uris: home, allowed_origins: [origin] }
  return { client_id, consent: 'skip', ...addresses, ...more }
}

/** The portal, the apps and the browser, with an authority of the tests' own on https. */
const over = (scheme: Scheme) =>
  base.extend<
    { openApp: (client: keyof typeof port) => Promise<string> },
    { shop: Shop; certificate: Certificate | undefined }
  >({
    certificate: [
      async ({ browserName: _ }, use) => use(scheme === 'https' ? await trustedCertificate() : undefined),
      { scope: 'worker' },
    ],
    launchOptions: [
      async ({ launchOptions, certificate }, use) =>
        use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...trusting(certificate)] }),
      { scope: 'worker' },
    ],
    shop: [
      async ({ certificate }, use) => {
        const origin = `${scheme}://localhost:${port.oidc}`
        const clients = [
          aClient('react', scheme),
          aClient('angular', scheme, { grant_types: ['implicit'] }),
          aClient('oidc', scheme, { redirect_uris: [`${origin}/`, `${origin}/silent`] }),
        ]
        const shop = await startShop({ clients, ...(certificate && { certificate }) })
        await use(shop)
        await shop.stop()
      },
      { scope: 'worker' },
    ],
    openApp: async ({ page, shop, certificate }, use) => {
      const running: { stop(): void }[] = []
      await use(async (client) => {
        const data = { issuer: shop.issuer }
        const app = await startPageApp(entries[client], { port: port[client], data, certificate })
        running.push(app)
        await page.goto(app.origin)
        return app.origin
      })
      for (const app of running) app.stop()
    },
  })

function trusting(certificate: Certificate | undefined): string[] {
  if (!certificate) return []
  const key = new X509Certificate(certificate.cert).publicKey.export({ type: 'spki', format: 'der' })
  return [`--ignore-certificate-errors-spki-list=${createHash('sha256').update(key).digest('base64')}`]
}

for (const scheme of ['http', 'https'] as const) {
  const test = over(scheme)

  test.describe(`over ${scheme}`, () => {
    test('react-oidc-context signs in, renews by refresh token and signs out', async ({ page, openApp, person }) => {
      const origin = await openApp('react')
      await page.getByRole('button', { name: 'Log in' }).click()
      await fillSignIn(page, person)
      await expect(page.getByText('Hello')).toBeVisible()
      expect(page.url()).toBe(`${origin}/`)
      const before = await page.getByText('Refresh token').textContent()
      await page.getByRole('button', { name: 'Renew' }).click()
      await expect(page.getByText('Refresh token')).not.toHaveText(before ?? '')
      await page.getByRole('button', { name: 'Log out' }).click()
      await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible()
    })

    test('oidc-client-ts signs in silently in a hidden frame, and revokes its tokens', async ({
      page,
      openApp,
      person,
    }) => {
      await openApp('oidc')
      await page.getByRole('button', { name: 'Ask silently' }).click()
      await expect(page.getByRole('main')).toContainText('authentication is required')
      await openApp('react')
      await page.getByRole('button', { name: 'Log in' }).click()
      await fillSignIn(page, person)
      await expect(page.getByText('Hello')).toBeVisible()
      await page.goto(`${scheme}://localhost:${port.oidc}/`)
      await page.getByRole('button', { name: 'Ask silently' }).click()
      await expect(page.getByRole('main')).toContainText(`Hello ${person.name}, with a refresh token`)
      await page.getByRole('button', { name: 'Revoke' }).click()
      await expect(page.getByRole('main')).toContainText(`Hello ${person.name}, without a refresh token`)
      await page.getByRole('button', { name: 'Forget' }).click()
      await page.getByRole('button', { name: 'Ask silently' }).click()
      await expect(page.getByRole('main')).toContainText(`Hello ${person.name}, with a refresh token`)
    })

    test('angular-oauth2-oidc signs in with the implicit flow and signs out', async ({ page, openApp, person }) => {
      await openApp('angular')
      await page.getByRole('button', { name: 'Log in' }).click()
      await fillSignIn(page, person)
      await expect(page.getByText(`Hello ${person.name}`)).toBeVisible()
      expect(page.url()).not.toContain('access_token')
      await page.getByRole('button', { name: 'Log out' }).click()
      await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible()
    })

    test('an answer that is to be posted reaches its app by itself', async ({ page, shop, openApp, person }) => {
      const origin = await openApp('angular')
      const request = { client_id: 'angular', redirect_uri: `${origin}/`, scope: 'openid', nonce: 'a-nonce' }
      const asked = { ...request, response_type: 'id_token token', response_mode: 'form_post' }
      const posted = page.waitForRequest((sent) => sent.method() === 'POST' && sent.url() === `${origin}/`)
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
    })
  })
}
