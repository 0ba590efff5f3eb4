import { randomUUID } from 'node:crypto'
import { test as base, type Page } from '@playwright/test'
import { startUpstream, type UpstreamServer } from '../src/server/upstream/test/upstream-server.ts'
import { checkPage } from './check-page.ts'
import { authorizeUrl, expect, expectSignedIn, fillSignIn } from './fixtures.ts'
import { type Person, type Shop, startShop } from './shop.ts'

interface Town {
  shop: Shop
  acme: UpstreamServer
}

/** A shop, and Acme, a provider on another site whose people it takes. */
const test = base.extend<object, { town: Town }>({
  town: [
    async ({ browserName: _ }, use) => {
      const town = await startTown()
      await use(town)
      await town.shop.stop()
      await town.acme.close()
    },
    { scope: 'worker' },
  ],
})

async function startTown(): Promise<Town> {
  let acme: UpstreamServer | undefined
  const shop = await startShop({
    startUpstreams: async (issuer) => {
      acme = await startUpstream({ portal: issuer, names: ['acme', 'by-post', 'by-email'] })
      const entry = { scope: 'openid email profile', provision: true, roles: ['Shopper'] }
      return [
        acme.entry(entry),
        acme.entry({ ...entry, name: 'by-post', label: 'Acme by post', response_mode: 'form_post' }),
        acme.entry({ ...entry, name: 'by-email', label: 'Acme by address', match: 'email' }),
      ]
    },
  })
  if (!acme) throw new Error('the shop was to start its providers')
  return { shop, acme }
}

/** Somebody with an account at Acme. */
function newcomer({ acme }: Town, claims: Record<string, unknown> = {}): Pick<Person, 'username' | 'name'> {
  const username = randomUUID()
  const name = `Newcomer ${username.slice(0, 8)}`
  acme.accounts.set(username, { name, email: `${username}@acme.test`, email_verified: true, ...claims })
  return { username, name }
}

const choose = (page: Page, provider = 'Acme') =>
  page.getByRole('button', { name: `Continue with ${provider}`, exact: true }).click()

async function signInAtAcme(page: Page, { username }: { username: string }): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Sign in at Acme' })).toBeVisible()
  await page.getByLabel('Account').fill(username)
  await page.getByRole('button', { name: 'Go on' }).click()
}

async function openSignIn(page: Page, shop: Shop): Promise<void> {
  await page.goto(`${shop.catalog}/products/mug`)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
}

test('who comes from another provider has what they had put in the cart', async ({ page, town }) => {
  const person = newcomer(town)
  await page.goto(`${town.shop.catalog}/products/mug`)
  await page.getByRole('button', { name: 'Add to cart' }).click()
  await expect(page.getByText('1 in your cart')).toBeVisible()
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await choose(page)
  await signInAtAcme(page, person)
  await page.getByRole('button', { name: 'Allow' }).click()
  await expectSignedIn(page, { ...person, password: '' })
  expect(page.url()).toBe(`${town.shop.catalog}/products/mug`)
  await page.getByRole('link', { name: 'Cart, 1 thing' }).click()
  await expect(page.getByRole('listitem', { name: 'Everyday mug, Oat' })).toBeVisible()
})

test('a provider that posts its answer gets people in as well', async ({ page, town }) => {
  const person = newcomer(town)
  await openSignIn(page, town.shop)
  await choose(page, 'Acme by post')
  await signInAtAcme(page, person)
  await page.getByRole('button', { name: 'Allow' }).click()
  await expectSignedIn(page, { ...person, password: '' })
})

test('who turns back at the provider reads so, and gets in with a password', async ({ page, town }) => {
  const person = town.shop.newPerson()
  await openSignIn(page, town.shop)
  await choose(page)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('alert')).toContainText('turned back at Acme')
  await fillSignIn(page, person)
  await page.getByRole('button', { name: 'Allow' }).click()
  await expectSignedIn(page, person)
})

test('Back from the provider leads to the sign-in page, and on from there', async ({ page, town }) => {
  const person = newcomer(town)
  await openSignIn(page, town.shop)
  await choose(page)
  await expect(page.getByRole('heading', { name: 'Sign in at Acme' })).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'Sign in', exact: true })).toBeVisible()
  await choose(page)
  await signInAtAcme(page, person)
  await page.getByRole('button', { name: 'Allow' }).click()
  await expectSignedIn(page, { ...person, password: '' })
})

test('an account with the same address is connected by signing in to it once', async ({ page, town }) => {
  const person = town.shop.newPerson()
  const { username } = newcomer(town, { email: `${person.username}@demo.test` })
  await openSignIn(page, town.shop)
  await choose(page, 'Acme by address')
  await signInAtAcme(page, { username })
  await expect(page.getByText('Sign in to it once to connect it with Acme by address')).toBeVisible()
  await expect(page.getByLabel('Username or email')).toHaveValue(`${person.username}@demo.test`)
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused()
  await page.keyboard.type(person.password)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Allow' }).click()
  await expectSignedIn(page, person)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await choose(page, 'Acme by address')
  await expectSignedIn(page, person)
})

test('while the provider is away the page says so, and a password gets in', async ({ page }) => {
  const town = await startTown()
  try {
    await town.acme.close()
    const person = town.shop.newPerson()
    await openSignIn(page, town.shop)
    await choose(page)
    await expect(page.getByRole('alert')).toContainText('can’t reach Acme')
    await fillSignIn(page, person)
    await page.getByRole('button', { name: 'Allow' }).click()
    await expectSignedIn(page, person)
  } finally {
    await town.shop.stop()
  }
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('who comes from another provider gets in', async ({ page, town }) => {
    const person = newcomer(town)
    const callback = page.waitForRequest((request) => request.url().startsWith(`${town.shop.catalog}/callback?code=`))
    await page.goto(authorizeUrl(town.shop))
    await choose(page)
    await signInAtAcme(page, person)
    await page.getByRole('button', { name: 'Allow' }).click()
    expect(new URL((await callback).url()).searchParams.get('state')).toBe('made-by-hand')
  })

  test('who turns back there finds every way in still working', async ({ page, town }) => {
    const person = town.shop.newPerson()
    const callback = page.waitForRequest((request) => request.url().startsWith(`${town.shop.catalog}/callback?code=`))
    await page.goto(authorizeUrl(town.shop))
    await choose(page)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await expect(page.getByRole('alert')).toContainText('turned back at Acme')
    await fillSignIn(page, person)
    await page.getByRole('button', { name: 'Allow' }).click()
    await callback
  })
})

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [320, 1280]) {
    test.describe(`${colorScheme}, ${width} px wide`, () => {
      test.use({ colorScheme, viewport: { width, height: 800 } })

      test('the pages on the way pass axe and need no sideways scrolling', async ({ page, town }) => {
        const { username } = newcomer(town, { email: `${town.shop.newPerson().username}@demo.test` })
        await openSignIn(page, town.shop)
        await checkPage(page)
        await choose(page, 'Acme by address')
        await page.getByRole('button', { name: 'Cancel' }).click()
        await expect(page.getByRole('alert')).toBeVisible()
        await checkPage(page)
        await choose(page, 'Acme by address')
        await signInAtAcme(page, { username })
        await expect(page.getByText('Sign in to it once')).toBeVisible()
        await checkPage(page)
        await page.getByRole('button', { name: 'Not now' }).click()
        await expect(page.getByText('Sign in to it once')).toHaveCount(0)
      })
    })
  }
}
