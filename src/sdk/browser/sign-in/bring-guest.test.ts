import { expect, test } from 'vitest'
import { aGuest, aGuestShop, countOf, guestsMade, kept } from '../../test/a-guest.ts'
import { leave, settled, until } from '../../test/a-shop.ts'
import { claimsOf } from '../../test/an-issuer.ts'

test('signing in takes the guest along: their token is pushed, never in the address, and the visit stays the same', async () => {
  const shop = await aGuestShop({ nonces: true })
  const guest = await aGuest(shop)
  const address = await leave(guest)
  expect([...address.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri'])
  shop.browser.closeTabs()
  const { auth } = shop.open(shop.issuer.authorize(address))
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'member', sessionId: guest.sessionId, user: { sub: 'ada-1' } })
  const left = await kept(shop)
  expect(left).toContain('ada-1')
  expect(left).not.toContain('guest.')
  expect(left).not.toContain(guest.sub)
})

test('a tab that stayed behind as a guest follows the one that signed in', async () => {
  const shop = await aGuestShop()
  const first = await aGuest(shop)
  const second = await aGuest(shop)
  const { auth } = shop.open(shop.issuer.authorize(await leave(first)))
  await settled(auth)
  await until(second.auth, ({ status }) => status === 'member')
  expect(await second.auth.getAccessToken()).toBe(await auth.getAccessToken())
})

test('turning back on the way leaves the guest as they were', async () => {
  const shop = await aGuestShop()
  const { sub, ...opened } = await aGuest(shop)
  await leave(opened)
  shop.browser.closeTabs()
  const later = await aGuest(shop)
  expect(claimsOf(await later.auth.getAccessToken()).sub).toBe(sub)
  expect(guestsMade(shop.issuer)).toBe(1)
})

test('saying no at the portal leaves the guest, who is told so', async () => {
  const shop = await aGuestShop()
  const { sub, ...opened } = await aGuest(shop)
  const back = shop.issuer.authorize(await leave(opened), { error: 'access_denied' })
  const { auth } = shop.open(back)
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'guest', sub, reason: 'denied' })
})

test('a sign-in that fails leaves the guest, who is told why', async () => {
  const shop = await aGuestShop()
  const { sub, ...opened } = await aGuest(shop)
  const { auth } = shop.open(shop.issuer.authorize(await leave(opened), { error: 'invalid_scope' }))
  await settled(auth)
  const failed = { status: 'guest', sub, reason: 'sign-in-failed', error: { oauthError: 'invalid_scope' } }
  expect(auth.getState()).toMatchObject(failed)
  await auth.getAccessToken()
  expect(auth.getState()).toMatchObject(failed)
})

test('a sign-in that comes back while the issuer is away leaves the guest, who may try again', async () => {
  const shop = await aGuestShop()
  const { sub, ...opened } = await aGuest(shop)
  const back = shop.issuer.authorize(await leave(opened))
  shop.browser.closeTabs()
  shop.issuer.faults.push('unreachable', 'unreachable')
  const { auth } = shop.open(back)
  await settled(auth)
  expect(auth.getState()).toMatchObject({
    status: 'guest',
    sub,
    reason: 'sign-in-failed',
    error: { code: 'network', retryable: true },
  })
})

test('a redemption whose answer was lost starts over; the guest it has spent makes way for a new one', async () => {
  const shop = await aGuestShop()
  const guest = await aGuest(shop)
  const back = shop.issuer.authorize(await leave(guest))
  shop.browser.closeTabs()
  shop.issuer.faults.push('answer-lost')
  const { tab } = shop.open(back)
  await expect.poll(() => tab.left.length, { timeout: 3000 }).toBe(1)
  const { auth } = shop.open(shop.issuer.authorize(tab.left[0] as URL))
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'member', user: { sub: 'ada-1' } })
})

test('without a network signing in fails before the page is left, and the guest stays', async () => {
  const shop = await aGuestShop()
  const { auth, tab, sub } = await aGuest(shop)
  shop.issuer.settings.pushFault = 'unreachable'
  await expect(auth.signIn()).rejects.toMatchObject({ code: 'network', retryable: true })
  expect(tab.left).toEqual([])
  shop.issuer.settings.pushFault = undefined
  await auth.signIn()
  expect(tab.left.at(-1)?.searchParams.has('request_uri')).toBe(true)
  expect(auth.getState()).toMatchObject({ status: 'guest', sub })
})

test.each([
  ['takes no pushed requests', () => new Response('', { status: 404 })],
  ['refuses this one', () => new Response('{"error":"invalid_request"}', { status: 400 })],
  ['keeps failing', () => new Response('', { status: 503 })],
])('where the issuer %s, people sign in without the guest', async (_name, fault) => {
  const shop = await aGuestShop()
  const guest = await aGuest(shop)
  shop.issuer.settings.pushFault = fault()
  const address = await leave(guest)
  expect(address.searchParams.get('code_challenge')).toBeTruthy()
  expect(address.href).not.toContain('guest.')
  const { auth } = shop.open(shop.issuer.authorize(address))
  await settled(auth)
  expect(auth.getState().status).toBe('member')
  expect(auth.getState()).not.toMatchObject({ sessionId: guest.sessionId })
  // Nobody can come back as them, so the issuer may forget them.
  await expect.poll(() => countOf(shop, '/revoke')).toBe(1)
})

test('kept in memory only, a guest comes along all the same', async () => {
  const shop = await aGuestShop({}, { persist: 'memory' })
  const guest = await aGuest(shop)
  expect(claimsOf(await guest.auth.getAccessToken()).cnf).toBeUndefined()
  const { auth } = shop.open(shop.issuer.authorize(await leave(guest)))
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'member', sessionId: guest.sessionId })
  expect(claimsOf(await auth.getAccessToken()).cnf).toBeDefined()
})
