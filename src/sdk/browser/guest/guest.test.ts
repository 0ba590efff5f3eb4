import { expect, test } from 'vitest'
import { aShop, leave, type OpenShop, settled, until } from '../../test/a-shop.ts'
import { type AnIssuer, claimsOf, guestGrant } from '../../test/an-issuer.ts'
import type { AuthOptions } from '../options.ts'
import { resolveOptions } from '../options.ts'
import { startAuth } from '../start-auth.ts'

const home = 'https://shop.example/'
const tooMany = () => new Response('{"error":"slow_down"}', { status: 429, headers: { 'retry-after': '1' } })

const aGuestShop = (settings: Parameters<typeof aShop>[0] = {}, options: Partial<AuthOptions> = {}) =>
  aShop({ nonces: false, ...settings }, { guest: true, ...options })

/** Opens the shop and waits for the guest. */
async function aGuest(shop: Awaited<ReturnType<typeof aShop>>) {
  const opened = shop.open(home)
  await settled(opened.auth)
  return { ...opened, ...guestIn(opened) }
}

function guestIn({ auth }: OpenShop) {
  const state = auth.getState()
  if (state.status !== 'guest') throw new Error(`no guest but ${JSON.stringify(state)}`)
  return { sub: state.sub, sessionId: state.sessionId }
}

const guestsMade = (issuer: AnIssuer) => issuer.countOf(guestGrant)

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

test('signing in takes the guest along: their token is pushed, never in the address, and the visit stays the same', async () => {
  const shop = await aGuestShop({ nonces: true })
  const guest = await aGuest(shop)
  const address = await leave(guest)
  expect([...address.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri'])
  shop.browser.closeTabs()
  const { auth } = shop.open(shop.issuer.authorize(address))
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'member', sessionId: guest.sessionId, user: { sub: 'ada-1' } })
  const kept = JSON.stringify(await shop.browser.sessions.values().next().value?.read())
  expect(kept).toContain('ada-1')
  expect(kept).not.toContain('guest.')
  expect(kept).not.toContain(guest.sub)
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
  await expect.poll(() => shop.issuer.requests.filter(({ path }) => path === '/revoke').length).toBe(1)
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
  const kept = JSON.stringify(await shop.browser.sessions.values().next().value?.read())
  expect(kept).not.toContain('ada')
  expect(kept).not.toContain(guest.sessionId)
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
  await expect.poll(() => shop.issuer.requests.filter(({ path }) => path === '/revoke').length).toBe(1)
  expect(claimsOf(await second.auth.getAccessToken()).session_id).toBe(guestIn(first).sessionId)
})

test('without a network the guest before is gone all the same', async () => {
  const shop = await aGuestShop()
  const { auth } = await aGuest(shop)
  shop.issuer.settings.isOffline = true
  await expect(auth.newGuest()).rejects.toMatchObject({ code: 'network', retryable: true })
  expect(auth.getState()).toMatchObject({ status: 'unknown', reason: 'network' })
  expect(await shop.browser.sessions.values().next().value?.read()).toEqual({})
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
