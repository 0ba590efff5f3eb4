import { expect, test } from 'vitest'
import { aGuest, aGuestShop, guestIn, guestsMade, home } from '../../test/a-guest.ts'
import { aShop, settled, until } from '../../test/a-shop.ts'
import { claimsOf } from '../../test/an-issuer.ts'
import { resolveOptions } from '../options.ts'
import { startAuth } from '../start-auth.ts'

const tooMany = () => new Response('{"error":"slow_down"}', { status: 429, headers: { 'retry-after': '1' } })

test('whoever opens the app is a guest, and the first call waits for their token', async () => {
  const shop = await aGuestShop({ nonces: true })
  const { auth } = shop.open(home)
  const claims = claimsOf(await auth.getAccessToken())
  expect(claims).toMatchObject({ guest: true, cnf: { jkt: expect.any(String) } })
  expect(auth.getState()).toEqual({
    status: 'guest',
    sub: claims.sub,
    sessionId: claims.session_id,
    isRefreshing: false,
  })
})

test('what the options tell about the visit is in the token, and the options stay as they were', async () => {
  const options = { currency: 'EUR', site: 'north', language: 'en', trackingId: 'beacon-1' }
  const shop = await aGuestShop({}, Object.freeze(options))
  const { auth } = await aGuest(shop)
  const { trackingId, ...sameNames } = options
  expect(claimsOf(await auth.getAccessToken())).toMatchObject({ ...sameNames, anonuserid: trackingId })
})

test('the same guest is there after a reload and after the browser was closed', async () => {
  const shop = await aGuestShop()
  const { tab, sub, sessionId } = await aGuest(shop)
  const reloaded = shop.reload(tab)
  await settled(reloaded.auth)
  expect(guestIn(reloaded)).toEqual({ sub, sessionId })
  shop.browser.closeTabs()
  const later = await aGuest(shop)
  expect(claimsOf(await later.auth.getAccessToken())).toMatchObject({ sub, session_id: sessionId })
  expect(guestsMade(shop.issuer)).toBe(1)
})

test('kept for the session, the guest is gone after the browser was closed', async () => {
  const shop = await aGuestShop({}, { persist: 'session' })
  const { sub } = await aGuest(shop)
  shop.browser.isLive = false
  expect((await aGuest(shop)).sub).not.toBe(sub)
})

test('several tabs that open at once share one guest', async () => {
  const shop = await aGuestShop()
  const tabs = [1, 2, 3].map(() => shop.open(home))
  const tokens = await Promise.all(tabs.map(({ auth }) => auth.getAccessToken()))
  expect(new Set(tokens.map((token) => claimsOf(token).sub)).size).toBe(1)
  expect(guestsMade(shop.issuer)).toBe(1)
  expect(shop.issuer.countOf('refresh_token')).toBe(0)
})

test('a guest is renewed like anybody and stays the same', async () => {
  const shop = await aGuestShop({ lifetimeSeconds: 1 })
  const { auth, sub } = await aGuest(shop)
  const first = await auth.getAccessToken()
  await expect.poll(() => auth.getAccessToken(), { timeout: 3000 }).not.toBe(first)
  expect(claimsOf(await auth.getAccessToken()).sub).toBe(sub)
  expect(guestsMade(shop.issuer)).toBe(1)
})

test('a guest the issuer no longer knows is replaced, told so, in every tab', async () => {
  const shop = await aGuestShop()
  const before = await aGuest(shop)
  shop.browser.closeTabs()
  shop.issuer.endAll()
  const first = shop.open(home)
  const second = shop.open(home)
  await Promise.all([settled(first.auth), settled(second.auth)])
  expect(guestIn(first).sub).toBe(before.sub)
  const claims = claimsOf(await first.auth.getAccessToken())
  expect(claims.sub).not.toBe(before.sub)
  const replaced = { status: 'guest', reason: 'replaced', sub: claims.sub, sessionId: claims.session_id }
  expect(first.auth.getState()).toMatchObject(replaced)
  await until(second.auth, (state) => state.status === 'guest' && state.reason === 'replaced')
  expect(second.auth.getState()).toMatchObject(replaced)
  expect(guestsMade(shop.issuer)).toBe(2)
})

test.each([
  ['no network', () => 'unreachable' as const],
  ['a busy issuer', tooMany],
  ['a failing one', () => new Response('<h1>Bad gateway</h1>', { status: 502 })],
])('%s replaces no guest', async (_name, fault) => {
  const shop = await aGuestShop()
  const { tab, sub } = await aGuest(shop)
  shop.browser.closeTabs()
  const { auth } = shop.reload(tab)
  shop.issuer.faults.push(fault())
  await expect(auth.getAccessToken()).rejects.toMatchObject({ retryable: true })
  expect(auth.getState()).toMatchObject({ status: 'guest', sub })
})

test('where the issuer makes no more guests, that is said, nothing is sent while it asks to wait, then it goes on', async () => {
  const shop = await aGuestShop()
  shop.issuer.faults.push(tooMany())
  const { auth } = shop.open(home)
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'unknown', reason: 'guest-limit' })
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'rate-limited', retryAfterSeconds: 1 })
  await expect(auth.fetch('https://shop.example/api')).rejects.toMatchObject({ code: 'rate-limited' })
  expect(guestsMade(shop.issuer)).toBe(0)
  await until(auth, ({ status }) => status === 'guest')
  expect(await auth.getAccessToken()).toMatch(/^eyJ/)
})

test('without a network it is unknown who is here, until the network is back', async () => {
  const shop = await aGuestShop()
  shop.issuer.settings.isOffline = true
  const { auth, tab } = shop.open(home)
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'unknown', reason: 'network' })
  shop.issuer.settings.isOffline = false
  tab.wake('online')
  await until(auth, ({ status }) => status === 'guest')
})

test('a client that may have no guests is an error, and is not asked about all the time', async () => {
  const shop = await aGuestShop()
  const refused = () => new Response('{"error":"invalid_grant"}', { status: 400 })
  shop.issuer.faults.push(refused(), refused(), refused())
  const { auth } = shop.open(home)
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'error', error: { code: 'refused', oauthError: 'invalid_grant' } })
  await Promise.allSettled([1, 2, 3, 4].map(() => auth.getAccessToken()))
  expect(shop.issuer.faults).toHaveLength(2)
})

test('an app without guests has none, whatever was kept before', async () => {
  const shop = await aShop()
  const { auth } = shop.open(home)
  await settled(auth)
  expect(auth.getState()).toEqual({ status: 'signed-out', isRefreshing: false })
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'not-signed-in' })
  expect(guestsMade(shop.issuer)).toBe(0)
})

test('an app that had guests and has none any more shows nobody', async () => {
  const shop = await aGuestShop()
  const { tab } = await aGuest(shop)
  const issuer = 'https://id.example.com/demo'
  const options = resolveOptions({ issuer, clientId: 'catalog', redirectUri: 'https://shop.example/callback' })
  const auth = startAuth(options, shop.browser.openTab(home, shop.issuer.fetch, tab.tabStorage).env)
  await settled(auth)
  expect(auth.getState().status).toBe('signed-out')
})
