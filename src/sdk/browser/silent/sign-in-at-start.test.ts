import { afterEach, expect, test, vi } from 'vitest'
import { aGuest, aGuestShop, guestsMade } from '../../test/a-guest.ts'
import { portalKnows, posted } from '../../test/a-portal.ts'
import { aShop, clientIn, leave, settled, until } from '../../test/a-shop.ts'
import { AuthError } from '../../wire/auth-error.ts'

const page = 'https://shop.example/products/kettle?color=red#reviews'
const aSilentShop = (silentSignIn: 'frame' | 'redirect' = 'frame') => aShop({ nonces: false }, { silentSignIn })

afterEach(() => {
  vi.useRealTimers()
})

test('who the portal knows is a member at start, on the page they opened', async () => {
  const shop = await aSilentShop()
  portalKnows(shop, 'ada-1')
  const { auth, tab } = shop.open(page)
  const seen: string[] = []
  auth.subscribe(() => seen.push(auth.getState().status))
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'member', user: { sub: 'ada-1' } })
  expect(seen).not.toContain('signed-out')
  expect([tab.left, tab.shown.map(({ href }) => href)]).toEqual([[], [page]])
  expect(await auth.getAccessToken()).toMatch(/^eyJ/)
})

test('it is asked without a page, for a message, with PKCE, and nothing of it is left', async () => {
  const shop = await aSilentShop()
  portalKnows(shop, 'ada-1')
  await settled(shop.open(page).auth)
  const [address] = shop.browser.frames.opened
  expect(Object.fromEntries(address?.searchParams ?? [])).toMatchObject({
    prompt: 'none',
    response_mode: 'web_message',
    code_challenge_method: 'S256',
    redirect_uri: 'https://shop.example/callback',
  })
  expect(shop.browser.storage.keys('').filter((key) => key.includes('attempt'))).toEqual([])
})

test('where the portal knows nobody, nobody is signed in, and other tabs need not ask', async () => {
  const shop = await aSilentShop()
  portalKnows(shop, undefined)
  for (let tabs = 0; tabs < 3; tabs += 1) {
    const { auth } = shop.open(page)
    await settled(auth)
    expect(auth.getState()).toEqual({ status: 'signed-out', isRefreshing: false })
  }
  expect(shop.browser.frames.opened).toHaveLength(1)
})

test('a minute later it is asked again', async () => {
  const shop = await aSilentShop()
  portalKnows(shop, undefined)
  await settled(shop.open(page).auth)
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(Date.now() + 61_000)
  portalKnows(shop, 'ada-1')
  const { auth } = shop.open(page)
  await settled(auth)
  expect(auth.getState().status).toBe('member')
})

test('unless the app wants it, nobody is asked', async () => {
  const shop = await aShop()
  portalKnows(shop, 'ada-1')
  const { auth } = shop.open(page)
  await settled(auth)
  expect(auth.getState().status).toBe('signed-out')
  expect(shop.browser.frames.opened).toEqual([])
})

test('tabs opened at once ask once, and all have a member', async () => {
  const shop = await aSilentShop()
  portalKnows(shop, 'ada-1')
  const tabs = [1, 2, 3].map(() => shop.open(page))
  await Promise.all(tabs.map(({ auth }) => settled(auth)))
  for (const { auth } of tabs) expect(auth.getState().status).toBe('member')
  expect(shop.browser.frames.opened).toHaveLength(1)
})

test('a second client on the page asks nothing itself (StrictMode, hot reload)', async () => {
  const shop = await aSilentShop()
  portalKnows(shop, 'ada-1')
  const first = shop.open(page)
  const second = clientIn(first.tab, { silentSignIn: 'frame' })
  await Promise.all([settled(first.auth), settled(second.auth)])
  expect(second.auth.getState().status).toBe('member')
  expect(shop.browser.frames.opened).toHaveLength(1)
})

test('who is here already is not asked about', async () => {
  const shop = await aSilentShop()
  const { tab } = await shop.signIn()
  shop.browser.frames.opened.length = 0
  const { auth } = shop.reload(tab)
  await settled(auth)
  expect(auth.getState().status).toBe('member')
  expect(shop.browser.frames.opened).toEqual([])
})

test('a new visitor whom the portal knows is a member before any guest is made', async () => {
  const shop = await aGuestShop({}, { silentSignIn: 'frame' })
  portalKnows(shop, 'ada-1')
  const { auth } = shop.open(page)
  await settled(auth)
  expect(auth.getState().status).toBe('member')
  expect(guestsMade(shop.issuer)).toBe(0)
})

test('a guest is never turned into a member by themselves: what is in their cart may be somebody else’s', async () => {
  const shop = await aGuestShop({}, { silentSignIn: 'frame' })
  portalKnows(shop, undefined)
  const { sub } = await aGuest(shop)
  portalKnows(shop, 'ada-1')
  shop.browser.frames.opened.length = 0
  const { auth } = shop.open(page)
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'guest', sub })
  expect(shop.browser.frames.opened).toEqual([])
})

test('a sign-out is not undone by it, and a sign-in makes it possible again', async () => {
  const shop = await aSilentShop()
  const { auth } = await shop.signIn()
  await auth.signOut({ scope: 'app' })
  shop.browser.frames.opened.length = 0
  portalKnows(shop, 'ada-1')
  const later = shop.open(page)
  await settled(later.auth)
  expect(later.auth.getState().status).toBe('signed-out')
  expect(shop.browser.frames.opened).toEqual([])
  const back = shop.open(shop.issuer.authorize(await leave(later)))
  await settled(back.auth)
  shop.browser.sessions.clear()
  const cleared = shop.open(page)
  await settled(cleared.auth)
  expect(cleared.auth.getState().status).toBe('member')
  expect(shop.browser.frames.opened).toHaveLength(1)
})

test.each([true, false])('signing out while the answer is on its way wins, with dpop: %s', async (dpop) => {
  const shop = await aShop({ nonces: false }, { silentSignIn: 'frame', dpop })
  const { auth } = shop.open(page)
  shop.browser.frames.answer = async (address) => {
    await auth.signOut({ scope: 'app' })
    return posted(shop.issuer.authorize(address))
  }
  await expect.poll(() => shop.issuer.countOf('authorization_code')).toBe(1)
  // A code that was bound to the key is worth nothing without it; other tokens are given back.
  if (!dpop) await expect.poll(() => shop.issuer.requests.at(-1)?.path).toBe('/revoke')
  expect(shop.browser.frames.opened).toHaveLength(1)
  expect(auth.getState().status).toBe('signed-out')
  const later = shop.open(page)
  await settled(later.auth)
  expect(later.auth.getState().status).toBe('signed-out')
})

test('a code whose answer was lost is asked for once more', async () => {
  const shop = await aSilentShop()
  portalKnows(shop, 'ada-1')
  shop.issuer.faults.push('answer-lost')
  const { auth } = shop.open(page)
  await settled(auth)
  expect(auth.getState().status).toBe('member')
  expect(shop.browser.frames.opened).toHaveLength(2)
})

test('a portal on another site is not asked in a frame: it is unknown who is here, and why', async () => {
  const shop = await aSilentShop()
  shop.browser.frames.relation = 'other-site'
  const { auth, tab } = shop.open(page)
  await settled(auth)
  expect(auth.getState()).toEqual({ status: 'unknown', reason: 'other-site', isRefreshing: false })
  expect([tab.left, shop.browser.frames.opened]).toEqual([[], []])
})

test('there a visitor is a guest like any other', async () => {
  const shop = await aGuestShop({}, { silentSignIn: 'frame' })
  shop.browser.frames.relation = 'other-site'
  const { auth } = await aGuest(shop)
  expect(auth.getState()).not.toHaveProperty('reason')
})

test('with redirect the page is left for it once, and a person the portal knows comes back to the same page', async () => {
  const shop = await aSilentShop('redirect')
  shop.browser.frames.relation = 'other-site'
  const { auth, tab } = shop.open(page)
  await expect.poll(() => tab.left.length).toBe(1)
  expect(auth.getState().status).toBe('loading')
  expect(tab.left[0]?.searchParams.get('prompt')).toBe('none')
  const back = shop.browser.openTab(shop.issuer.authorize(tab.left[0] as URL), shop.issuer.fetch, tab.tabStorage)
  const arrived = clientIn(back, { silentSignIn: 'redirect' })
  await settled(arrived.auth)
  expect(arrived.auth.getState().status).toBe('member')
  expect(back.address.href).toBe(page)
})

test('a portal that knows nobody ends it: neither this tab nor another one soon after leaves again', async () => {
  const shop = await aSilentShop('redirect')
  shop.browser.frames.relation = 'other-site'
  const { tab } = shop.open(page)
  await expect.poll(() => tab.left.length).toBe(1)
  const nobody = shop.issuer.authorize(tab.left[0] as URL, { error: 'login_required' })
  const back = shop.browser.openTab(nobody, shop.issuer.fetch, tab.tabStorage)
  const arrived = clientIn(back, { silentSignIn: 'redirect' })
  await settled(arrived.auth)
  expect(arrived.auth.getState()).toEqual({ status: 'signed-out', isRefreshing: false })
  vi.useFakeTimers({ toFake: ['Date'] })
  const [reloaded, elsewhere] = [shop.browser.openTab(page, shop.issuer.fetch, tab.tabStorage), shop.open(page)]
  vi.setSystemTime(Date.now() + 30_000)
  const again = clientIn(reloaded, { silentSignIn: 'redirect' })
  await Promise.all([settled(again.auth), settled(elsewhere.auth)])
  vi.setSystemTime(Date.now() + 3_600_000)
  const muchLater = clientIn(shop.browser.openTab(page, shop.issuer.fetch, tab.tabStorage), {
    silentSignIn: 'redirect',
  })
  await settled(muchLater.auth)
  expect([reloaded.left, elsewhere.tab.left, muchLater.tab.left]).toEqual([[], [], []])
  expect(muchLater.auth.getState().status).toBe('signed-out')
})

test.each(['frame', 'redirect'] as const)(
  'inside somebody else’s page nobody is asked, with %s',
  async (silentSignIn) => {
    const shop = await aSilentShop(silentSignIn)
    shop.browser.frames.relation = 'embedded'
    const { auth, tab } = shop.open(page)
    await settled(auth)
    expect(auth.getState()).toMatchObject({ status: 'unknown', reason: 'other-site' })
    expect([tab.left, shop.browser.frames.opened]).toEqual([[], []])
  },
)

test('a portal that stays silent is given up after ten seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'Date'], shouldAdvanceTime: true })
  const shop = await aSilentShop()
  shop.browser.frames.answer = () => new Promise(() => undefined)
  const { auth } = shop.open(page)
  await vi.waitUntil(() => shop.browser.frames.opened.length > 0)
  await vi.advanceTimersByTimeAsync(9_000)
  expect(auth.getState().status).toBe('loading')
  await vi.advanceTimersByTimeAsync(1_000)
  await settled(auth)
  expect(auth.getState()).toEqual({ status: 'unknown', reason: 'network', isRefreshing: false })
})

test('a guest who has begun by the time the answer comes stays one', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'Date'], shouldAdvanceTime: true })
  const shop = await aGuestShop({}, { silentSignIn: 'frame' })
  let answer: (posted: unknown) => void = () => undefined
  shop.browser.frames.answer = () => new Promise((resolve) => (answer = resolve))
  const { auth } = shop.open(page)
  await vi.waitUntil(() => shop.browser.frames.opened.length > 0)
  await vi.advanceTimersByTimeAsync(10_000)
  await until(auth, ({ status }) => status === 'guest')
  answer(posted(shop.issuer.authorize(shop.browser.frames.opened[0] as URL)))
  await vi.waitUntil(() => shop.issuer.requests.some(({ path }) => path === '/revoke'))
  expect(auth.getState().status).toBe('guest')
})

test('a page whose policy lets no frame in says so, as its developer has to know', async () => {
  const shop = await aSilentShop()
  shop.browser.frames.answer = () => Promise.reject(new AuthError('configuration'))
  const { auth } = shop.open(page)
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'error', error: { code: 'configuration' } })
})

test('without a network it is unknown who is here, and asked again as soon as a page is opened', async () => {
  const shop = await aSilentShop()
  shop.issuer.settings.isOffline = true
  const { auth } = shop.open(page)
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'unknown', reason: 'network' })
  shop.issuer.settings.isOffline = false
  portalKnows(shop, 'ada-1')
  const later = shop.open(page)
  await settled(later.auth)
  expect(later.auth.getState().status).toBe('member')
})
