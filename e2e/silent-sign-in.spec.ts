import type { Page } from '@playwright/test'
import { authorizeUrl, test as base, expect, fillSignIn, signInAtShop } from './fixtures.ts'
import { type PageApp, startPageApp } from './page-app.ts'
import { freePort, type Person, type Shop, startShop } from './shop.ts'
import { startIssuerThatLeadsAway } from './silent/issuer-that-leads-away.ts'
import { blockThirdPartyCookies, tryCookies } from './third-party-cookies.ts'

const port = { frame: await freePort(), redirect: await freePort(), shortLived: await freePort() }

/** A first-party app on the portal's site and on another one. */
function aClient(client_id: string, port: number, more: Record<string, unknown> = {}) {
  const origins = ['localhost', 'shop.localhost', 'www.shop.localhost'].map((host) => `http://${host}:${port}`)
  const redirect_uris = origins.map((origin) => `${origin}/callback`)
  return { client_id, consent: 'skip', redirect_uris, allowed_origins: origins, ...more }
}

const clients = [
  aClient('frame', port.frame),
  aClient('redirect', port.redirect),
  aClient('shortLived', port.shortLived, { refresh_token_ttl: 0, access_token_ttl: 2 }),
]

const test = base.extend<{ signedIn: Person }, { shop: Shop; apps: PageApp[] }>({
  shop: [
    async ({ browserName: _ }, use) => {
      const shop = await startShop({ clients })
      await use(shop)
      await shop.stop()
    },
    { scope: 'worker' },
  ],
  apps: [
    async ({ shop }, use) => {
      const apps = await Promise.all([
        startApp(shop, 'frame', 'frame'),
        startApp(shop, 'redirect', 'redirect'),
        startApp(shop, 'shortLived', 'frame'),
      ])
      await use(apps)
      for (const app of apps) app.stop()
    },
    { scope: 'worker', auto: true },
  ],
  /** Somebody the portal knows in this browser, which sends no cookies to other sites. */
  signedIn: async ({ page, shop, person }, use) => {
    await blockThirdPartyCookies(page)
    await page.goto(`${shop.catalog}/`)
    await signInAtShop(page, person)
    await use(person)
  },
})

function startApp({ issuer }: Shop, client: keyof typeof port, silent: string): Promise<PageApp> {
  return startPageApp('silent/app.tsx', { port: port[client], data: { issuer, client, silent } })
}

const here = (client: keyof typeof port) => `http://localhost:${port[client]}/`
const elsewhere = (client: keyof typeof port) => `http://shop.localhost:${port[client]}/`

const expectStatus = (page: Page, status: string) => expect(page.getByRole('heading', { level: 1 })).toHaveText(status)

async function expectMember(page: Page, { name }: Person): Promise<void> {
  await expectStatus(page, 'member')
  await expect(page.getByText(name)).toBeVisible()
}

/** Counts what asks the portal without a page from here on. */
function countAsked(page: Page): { inFrames: () => number; atTopLevel: () => number } {
  const asked = { frames: 0, topLevel: 0 }
  page.on('request', (request) => {
    if (!request.url().includes('prompt=none')) return
    if (request.url().includes('web_message')) asked.frames++
    else asked.topLevel++
  })
  return { inFrames: () => asked.frames, atTopLevel: () => asked.topLevel }
}

test('on the portal’s site the person is signed in on opening the page, asked once, third-party cookies or not', async ({
  page,
  signedIn,
}) => {
  expect(await tryCookies(page)).toEqual({ ofOwnSite: true, ofOtherSite: false })
  const asked = countAsked(page)
  await page.goto(`${here('frame')}orders?page=2#last`)
  await expectMember(page, signedIn)
  expect(page.url()).toBe(`${here('frame')}orders?page=2#last`)
  await expect(page.locator('iframe')).toHaveCount(0)
  await page.reload()
  await expectMember(page, signedIn)
  expect([asked.inFrames(), asked.atTopLevel()]).toEqual([1, 0])
})

test('whom the portal doesn’t know is not signed in, sees no page of it, and can be asked about later', async ({
  page,
  shop,
  person,
}) => {
  await page.goto(here('frame'))
  await expectStatus(page, 'signed-out')
  const other = await page.context().newPage()
  await other.goto(`${shop.catalog}/`)
  await signInAtShop(other, person)
  await page.getByRole('button', { name: 'Sign in silently' }).click()
  await expectMember(page, person)
  expect(page.url()).toBe(here('frame'))
})

test('on another site no frame asks for nothing: it is unknown who is here, and a session that is kept stays', async ({
  page,
  signedIn,
}) => {
  const asked = countAsked(page)
  await page.goto(elsewhere('frame'))
  await expectStatus(page, 'unknown, other-site')
  expect([asked.inFrames(), asked.atTopLevel()]).toEqual([0, 0])
  // At the top level the portal sees its session on every site.
  await page.getByRole('button', { name: 'Sign in silently' }).click()
  await expectMember(page, signedIn)
  expect([asked.inFrames(), asked.atTopLevel()]).toEqual([0, 1])
  await page.context().clearCookies({ domain: 'localhost' })
  await page.getByRole('button', { name: 'Sign in silently' }).click()
  await page.waitForURL(elsewhere('frame'))
  await expectMember(page, signedIn)
  await page.reload()
  await expectMember(page, signedIn)
})

test('there an app may leave for the portal and come straight back to the same page', async ({ page, signedIn }) => {
  const asked = countAsked(page)
  const address = `${elsewhere('redirect')}orders?page=2#last`
  await page.goto(address)
  await expectMember(page, signedIn)
  expect(page.url()).toBe(address)
  await page.reload()
  await expectMember(page, signedIn)
  expect([asked.inFrames(), asked.atTopLevel()]).toEqual([0, 1])
})

test('which it does once, whoever is or isn’t there', async ({ page }) => {
  const asked = countAsked(page)
  await page.goto(elsewhere('redirect'))
  await expectStatus(page, 'signed-out')
  await page.reload()
  await expectStatus(page, 'signed-out')
  expect([asked.inFrames(), asked.atTopLevel()]).toEqual([0, 1])
})

test('an app without refresh tokens renews through the portal’s session, and ends with it', async ({
  page,
  signedIn,
}) => {
  const asked = countAsked(page)
  await page.goto(here('shortLived'))
  await expectMember(page, signedIn)
  await expect.poll(asked.inFrames, { timeout: 15_000 }).toBeGreaterThan(1)
  await expectMember(page, signedIn)
  await page.context().clearCookies({ domain: 'localhost' })
  await expectStatus(page, 'signed-out, session-ended')
})

test('below another name of the same site it works just as well', async ({ page }) => {
  const appPort = await freePort()
  const shop = await startShop({ host: 'id.shop.localhost', clients: [aClient('frame', appPort)] })
  const data = { issuer: shop.issuer, client: 'frame', silent: 'frame' }
  const app = await startPageApp('silent/app.tsx', { port: appPort, data })
  try {
    const person = shop.newPerson()
    await blockThirdPartyCookies(page)
    const asked = countAsked(page)
    await page.goto(`http://localhost:${appPort}/`)
    await expectStatus(page, 'unknown, other-site')
    await page.goto(`http://www.shop.localhost:${appPort}/`)
    await expectStatus(page, 'signed-out')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await fillSignIn(page, person)
    await expectMember(page, person)
    await page.goto(`http://shop.localhost:${appPort}/`)
    await expectMember(page, person)
    expect([asked.inFrames(), asked.atTopLevel()]).toEqual([2, 0])
  } finally {
    app.stop()
    await shop.stop()
  }
})

test('a page that is not the app’s neither shows the answer nor hears it', async ({ page, shop, signedIn }) => {
  const request = { client_id: 'frame', redirect_uri: `${here('frame')}callback`, prompt: 'none' }
  const answer = authorizeUrl(shop, { ...request, response_mode: 'web_message' })
  await page.goto(here('frame'))
  await expectMember(page, signedIn)
  expect(await hearFrame(page, answer)).toMatchObject({ response: { code: expect.any(String), state: 'made-by-hand' } })
  // Another app on the same site, whose frames carry the same cookies.
  await page.goto(here('shortLived'))
  await expectMember(page, signedIn)
  expect(await hearFrame(page, answer)).toBe('nothing')
})

/** Loads an address in a frame of the page and answers what that posts. */
function hearFrame(page: Page, address: string): Promise<unknown> {
  return page.evaluate(
    (source) =>
      new Promise<unknown>((resolve) => {
        const frame = Object.assign(document.createElement('iframe'), { src: source })
        addEventListener('message', ({ data, source }) => source === frame.contentWindow && resolve(data))
        setTimeout(() => resolve('nothing'), 1500)
        document.body.append(frame)
      }),
    address,
  )
}

test('what others post to the page is not listened to', async ({ page, signedIn }) => {
  await page.route('**/authorize?*web_message*', async (route) => {
    await page.evaluate(() => {
      postMessage({ type: 'authorization_response', response: { error: 'login_required', state: 'any' } }, '*')
    })
    await route.continue()
  })
  await page.goto(here('frame'))
  await expectMember(page, signedIn)
})

test('an answer that comes from another origin than the portal’s is none, though the frame is the same', async ({
  page,
}) => {
  const issuer = await startIssuerThatLeadsAway()
  const data = { issuer: issuer.address, client: 'frame', silent: 'frame' }
  const app = await startPageApp('silent/app.tsx', { port: await freePort(), data })
  await page.goto(app.origin)
  await expectStatus(page, 'unknown, network')
  expect(issuer.hasPosted()).toBe(true)
  app.stop()
  issuer.stop()
})

test('a page whose own policy lets no frame in is told so at once', async ({ page }) => {
  await page.goto(here('frame'))
  await expectStatus(page, 'signed-out')
  await page.evaluate(() => {
    const policy = { httpEquiv: 'Content-Security-Policy', content: "frame-src 'none'" }
    document.head.append(Object.assign(document.createElement('meta'), policy))
  })
  await page.getByRole('button', { name: 'Sign in silently' }).click()
  await expect(page.getByRole('alert')).toHaveText('configuration')
})
