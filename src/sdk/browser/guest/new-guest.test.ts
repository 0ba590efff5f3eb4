import { expect, test } from 'vitest'
import { aGuest, aGuestShop, countOf, guestIn, guestsMade, home, kept } from '../../test/a-guest.ts'
import { aShop, leave, settled, until } from '../../test/a-shop.ts'
import { claimsOf } from '../../test/an-issuer.ts'

test('after signing out there is a new guest, in every tab, and nothing of who was here', async () => {
  const shop = await aGuestShop()
  const guest = await aGuest(shop)
  const back = shop.issuer.authorize(await leave(guest))
  shop.browser.closeTabs()
  const first = shop.open(back)
  await settled(first.auth)
  const second = shop.open(home)
  await settled(second.auth)
  await first.auth.signOut({ scope: 'app' })
  await Promise.all([first, second].map(({ auth }) => until(auth, ({ status }) => status === 'guest')))
  expect(guestIn(first)).toEqual(guestIn(second))
  expect(guestIn(first).sessionId).not.toBe(guest.sessionId)
  expect(first.auth.getState()).toMatchObject({ reason: 'signed-out' })
  const left = await kept(shop)
  expect(left).not.toContain('ada')
  expect(left).not.toContain(guest.sessionId)
  expect(claimsOf(await second.auth.getAccessToken()).guest).toBe(true)
})

test('kept in memory only, signing out in one tab leaves nobody signed in in another', async () => {
  const shop = await aGuestShop({}, { persist: 'memory' })
  const first = shop.open(shop.issuer.authorize(await leave(await aGuest(shop))))
  const second = shop.open(shop.issuer.authorize(await leave(await aGuest(shop))))
  await Promise.all([settled(first.auth), settled(second.auth)])
  await first.auth.signOut({ scope: 'app' })
  await until(second.auth, ({ status }) => status === 'guest')
  second.tab.wake('visible')
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(second.auth.getState().status).toBe('guest')
})

test('a session the issuer ends leaves a guest, told why', async () => {
  const shop = await aGuestShop()
  const { tab } = await shop.signIn(home)
  shop.browser.closeTabs()
  const { auth } = shop.reload(tab)
  await settled(auth)
  shop.issuer.endAll()
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'session-ended' })
  await until(auth, ({ status }) => status === 'guest')
  expect(auth.getState()).toMatchObject({ reason: 'session-ended' })
})

test('a tab in the background begins no guest until it is looked at', async () => {
  const shop = await aGuestShop()
  const { tab } = await shop.signIn(home)
  shop.browser.closeTabs()
  const hidden = shop.reload(tab)
  await settled(hidden.auth)
  hidden.tab.isHidden = true
  const before = guestsMade(shop.issuer)
  await hidden.auth.signOut({ scope: 'app' })
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(hidden.auth.getState()).toMatchObject({ status: 'signed-out', reason: 'signed-out' })
  expect(guestsMade(shop.issuer)).toBe(before)
  hidden.tab.isHidden = false
  hidden.tab.wake('visible')
  await until(hidden.auth, ({ status }) => status === 'guest')
})

test('a new guest takes the place of the one before, everywhere', async () => {
  const shop = await aGuestShop()
  const first = await aGuest(shop)
  const second = await aGuest(shop)
  await first.auth.newGuest()
  expect(guestIn(first).sessionId).not.toBe(first.sessionId)
  expect(first.auth.getState()).not.toHaveProperty('reason')
  await until(second.auth, (state) => state.status === 'guest' && state.sub === guestIn(first).sub)
  await expect.poll(() => countOf(shop, '/revoke')).toBe(1)
  expect(claimsOf(await second.auth.getAccessToken()).session_id).toBe(guestIn(first).sessionId)
})

test('without a network the guest before is gone all the same', async () => {
  const shop = await aGuestShop()
  const { auth } = await aGuest(shop)
  shop.issuer.settings.isOffline = true
  await expect(auth.newGuest()).rejects.toMatchObject({ code: 'network', retryable: true })
  expect(auth.getState()).toMatchObject({ status: 'unknown', reason: 'network' })
  expect(await kept(shop)).toBe('{}')
})

test('a new guest is for guests: neither for members nor where there are none', async () => {
  const shop = await aGuestShop()
  const { auth } = await shop.signIn(home)
  await expect(auth.newGuest()).rejects.toMatchObject({ code: 'configuration' })
  expect(auth.getState().status).toBe('member')
  const without = await aShop()
  await expect(without.open(home).auth.newGuest()).rejects.toMatchObject({ code: 'configuration' })
})

test('a guest who signs out begins a new visit and stays on the page', async () => {
  const shop = await aGuestShop()
  const guest = await aGuest(shop)
  await guest.auth.signOut()
  await until(guest.auth, ({ status }) => status === 'guest')
  expect(guestIn(guest).sessionId).not.toBe(guest.sessionId)
  expect(guest.tab.left).toEqual([])
})
