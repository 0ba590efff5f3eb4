import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authorizeUrl } from '../authorize-url.ts'
import { startWholeShop, type WholeShop } from '../other-apps.ts'
import { startPageApp } from '../page-app.ts'
import { freePort, type Person, startShop } from '../shop.ts'
import { tryCookies } from '../third-party-cookies.ts'
import { type Firefox, openFirefox } from './firefox.ts'
import type { Visitor } from './visitor.ts'

let shop: WholeShop
let firefox: Firefox
beforeAll(async () => {
  shop = await startWholeShop()
  firefox = await openFirefox()
})
afterAll(async () => {
  await firefox?.close()
  await shop?.stop()
})

async function signInAtShop(visitor: Visitor, person: Person): Promise<void> {
  await visitor.press('Sign in')
  await visitor.sees('to continue to Catalog')
  await visitor.signIn(person)
  await visitor.press('Allow')
  await visitor.sees('Sign out')
  await visitor.sees(person.name)
}

test('other sites are sent no cookies, as in any Firefox', async () => {
  const { page } = await firefox.newVisitor()
  expect(await tryCookies(page)).toEqual({ ofOwnSite: true, ofOtherSite: false })
})

describe.each(['here', 'elsewhere'] as const)('a shop that is %s', (where) => {
  const origin = () => (where === 'here' ? shop.catalog : shop.catalogElsewhere)

  test('is browsed as a guest; the cart comes along on signing in, stays on a reload, and is gone after signing out', async () => {
    const [visitor, person] = [await firefox.newVisitor(), shop.newPerson()]
    await visitor.open(`${origin()}/products/mug`)
    await visitor.press('Add to cart')
    await visitor.sees('1 in your cart')
    await visitor.press('Cart')
    await visitor.isAt(`${origin()}/cart`)
    await signInAtShop(visitor, person)
    await visitor.isAt(`${origin()}/cart`)
    await visitor.sees('Everyday mug')
    await visitor.page.reload()
    await visitor.sees(person.name)
    await visitor.sees('Everyday mug')
    await visitor.press('Sign out')
    await visitor.isAt(`${origin()}/`)
    await visitor.press('Cart')
    await visitor.sees('Nothing here yet')
    expect(await visitor.text()).not.toContain(person.name)
  })

  test('shares its sign-in with Orders', async () => {
    const [visitor, person] = [await firefox.newVisitor(), shop.newPerson()]
    await visitor.open(`${origin()}/`)
    await signInAtShop(visitor, person)
    await visitor.open(`${shop.orders[where]}/`)
    await visitor.press('Sign in')
    await visitor.sees('Your orders')
    await visitor.sees(person.name)
  })

  test('has a legacy page beside it, which signs in with the implicit flow', async () => {
    const [visitor, person] = [await firefox.newVisitor(), shop.newPerson()]
    await visitor.open(`${shop.legacy[where]}/`)
    await visitor.press('Sign in')
    await visitor.sees('to continue to Legacy')
    await visitor.signIn(person)
    await visitor.press('Allow')
    await visitor.sees(`Signed in as ${person.name}`)
    await visitor.isAt(`${shop.legacy[where]}/`)
  })
})

test('on a new device, who is signed in at Orders is signed in at the shop on opening it', async () => {
  const [first, device, person] = [await firefox.newVisitor(), await firefox.newVisitor(), shop.newPerson()]
  await first.open(`${shop.catalog}/`)
  await signInAtShop(first, person)
  await device.open(`${shop.orders.here}/`)
  await device.press('Sign in')
  await device.signIn(person)
  await device.sees('Your orders')
  await device.open(`${shop.catalog}/`)
  await device.sees(person.name)
})

test('a sign-in page that ran out asks for nothing twice', async () => {
  const short = await startShop({ limits: { interaction_ttl: 4 } })
  try {
    const [visitor, person] = [await firefox.newVisitor(), short.newPerson()]
    await visitor.open(`${short.catalog}/products/mug`)
    await visitor.press('Sign in')
    await visitor.sees('to continue to Catalog')
    await new Promise((resolve) => setTimeout(resolve, 4500))
    await visitor.signIn(person)
    await visitor.press('Allow')
    await visitor.sees('Sign out')
    await visitor.isAt(`${short.catalog}/products/mug`)
  } finally {
    await short.stop()
  }
})

test('without pages of ours it is known who is here on the portal’s site, and where that ends', async () => {
  const port = await freePort()
  const origins = ['localhost', 'www.shop.localhost'].map((host) => `http://${host}:${port}`)
  const redirect_uris = origins.map((origin) => `${origin}/callback`)
  const client = { client_id: 'quiet', consent: 'skip', redirect_uris, allowed_origins: origins }
  const below = await startShop({ host: 'id.shop.localhost', clients: [client] })
  const data = { issuer: below.issuer, client: 'quiet', silent: 'frame' }
  const app = await startPageApp('silent/app.tsx', { port, data })
  try {
    const [visitor, person] = [await firefox.newVisitor(), below.newPerson()]
    await visitor.open(`${origins[0]}/`)
    await visitor.sees('unknown, other-site')
    await visitor.open(`${origins[1]}/`)
    await visitor.sees('signed-out')
    const other = await visitor.newTab()
    await other.open(authorizeUrl(below, { client_id: 'quiet', redirect_uri: `${origins[1]}/callback` }))
    await other.signIn(person)
    await other.comesTo(`${origins[1]}/`)
    await visitor.press('Sign in silently')
    await visitor.sees(person.name)
  } finally {
    app.stop()
    await below.stop()
  }
})

describe('with JavaScript switched off', () => {
  let plain: Firefox
  beforeAll(async () => {
    plain = await openFirefox({ withScripts: false })
  })
  afterAll(() => plain?.close())

  test('signing in works, with a wrong password first, and consent, up to the app', async () => {
    const [visitor, person] = [await plain.newVisitor(), shop.newPerson()]
    await visitor.open(authorizeUrl(shop))
    await visitor.signIn({ ...person, password: 'not the password' })
    await visitor.sees('don’t match')
    await visitor.fill('Password', person.password)
    await visitor.press('Sign in')
    await visitor.press('Allow')
    await visitor.comesTo(`${shop.catalog}/callback?`)
    expect(new URL(visitor.page.url()).searchParams.get('code')).toBeTruthy()
  })

  test('Orders signs in and out', async () => {
    const [visitor, person] = [await plain.newVisitor(), shop.newPerson()]
    await visitor.open(`${shop.orders.here}/`)
    await visitor.press('Sign in')
    await visitor.sees('to continue to Orders')
    await visitor.signIn(person)
    await visitor.sees('Your orders')
    await visitor.sees(person.name)
    await visitor.press('Sign out')
    await visitor.seesNoMore(person.name)
    await visitor.comesTo(`${shop.orders.here}/`)
  })
})
