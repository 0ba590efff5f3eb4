import type { Page, Route } from '@playwright/test'
import { authorizeUrl, expect, test } from './fixtures.ts'
import type { Shop } from './shop.ts'

async function openSignIn(page: Page, shop: Shop): Promise<void> {
  await page.goto(authorizeUrl(shop))
  await expect(page.getByRole('button', { name: 'Show password' })).toBeVisible()
}

async function typeCredentials(page: Page): Promise<void> {
  await page.getByLabel('Username or email').fill('ada')
  await page.getByLabel('Password', { exact: true }).fill('not the password')
}

const signIn = (page: Page) => page.getByRole('button', { name: 'Sign in' })

/** Lets something other than the server answer the next steps sent as data. */
async function answerSteps(page: Page, answer: (route: Route) => Promise<void>): Promise<void> {
  await page.route('**/interaction/*', (route) => {
    const isData = route.request().method() === 'POST' && route.request().headers().accept === 'application/json'
    return isData ? answer(route) : route.continue()
  })
}

const comeBack = (page: Page) =>
  page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))

test('a second press while the first is on its way does nothing', async ({ page, shop }) => {
  let posts = 0
  await openSignIn(page, shop)
  await answerSteps(page, async () => void posts++)
  await typeCredentials(page)
  await signIn(page).dblclick()
  await page.getByLabel('Password', { exact: true }).press('Enter')
  await expect(signIn(page)).toHaveAttribute('aria-busy', 'true')
  await expect(page.getByRole('status').filter({ hasText: 'Signing in…' })).toBeAttached()
  expect(posts).toBe(1)
})

test('without a network a person reads so, and what they typed is still there', async ({ page, context, shop }) => {
  await openSignIn(page, shop)
  await typeCredentials(page)
  await context.setOffline(true)
  await signIn(page).click()
  await expect(page.getByRole('alert')).toContainText('couldn’t reach')
  await expect(page.getByLabel('Username or email')).toHaveValue('ada')
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('not the password')
  await context.setOffline(false)
  await signIn(page).click()
  await expect(page.getByRole('alert')).toContainText('don’t match')
})

test("a proxy's page as answer is said, and the next try goes as the browser's own form", async ({ page, shop }) => {
  await openSignIn(page, shop)
  await answerSteps(page, (route) =>
    route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }),
  )
  await typeCredentials(page)
  await signIn(page).click()
  await expect(page.getByRole('alert')).toContainText('makes no sense')
  const post = page.waitForRequest((request) => request.method() === 'POST')
  await signIn(page).click()
  expect((await post).headers()['content-type']).toBe('application/x-www-form-urlencoded')
  await expect(page.getByRole('alert')).toContainText('don’t match')
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused()
})

test('a wrong password is announced, the name kept, the password selected to be typed over', async ({ page, shop }) => {
  await openSignIn(page, shop)
  await typeCredentials(page)
  await page.getByRole('button', { name: 'Show password' }).press('Space')
  await signIn(page).click()
  const password = page.getByLabel('Password', { exact: true })
  await expect(page.getByRole('alert')).toContainText('don’t match')
  await expect(password).toBeFocused()
  await expect(password).toHaveAttribute('type', 'password')
  await expect(password).toHaveAccessibleDescription(/don’t match/)
  await page.keyboard.type('another')
  await expect(password).toHaveValue('another')
})

test('a page brought back by the Back button empties the password and shows what is true now', async ({
  page,
  shop,
}) => {
  await openSignIn(page, shop)
  await typeCredentials(page)
  await comeBack(page)
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('')
  await expect(page.getByLabel('Username or email')).toHaveValue('ada')
  const problem = { page: 'problem', problem: 'interaction-expired', requestId: 'r', restart: '/demo/' }
  await page.route('**/interaction/*', (route) => route.fulfill({ json: problem }))
  await comeBack(page)
  await expect(page.getByRole('heading', { name: 'This page has run out' })).toBeVisible()
})

test('when the script fails on a page, reloading gives a form that works without it', async ({ page, shop }) => {
  await openSignIn(page, shop)
  await page.evaluate(() => {
    Node.prototype.insertBefore = () => {
      throw new Error('moved by a translator')
    }
  })
  await typeCredentials(page)
  await signIn(page).click()
  await page.getByRole('link', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await typeCredentials(page)
  await signIn(page).click()
  await expect(page.getByRole('alert')).toContainText('don’t match')
})
