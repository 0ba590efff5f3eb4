import { describe, expect, test } from 'vitest'
import { aShop, settled, until } from '../../test/a-shop.ts'

test('signing out empties this browser first and then leads to the portal', async () => {
  const shop = await aShop()
  const { auth, tab } = await shop.signIn()
  const leaving = auth.signOut()
  expect(auth.getState()).toEqual({ status: 'signed-out', reason: 'signed-out', isRefreshing: false })
  await leaving
  expect(await shop.browser.sessions.values().next().value?.read()).toEqual({})
  const address = tab.left.at(-1) as URL
  expect(address.origin + address.pathname).toBe('https://id.example.com/demo/logout')
  expect(Object.fromEntries(address.searchParams)).toEqual({
    id_token_hint: expect.stringMatching(/^eyJ/),
    client_id: 'catalog',
    post_logout_redirect_uri: 'https://shop.example/',
    state: expect.stringMatching(/^signed-out-/),
  })
})

test.each(['browser', 'app', 'everywhere'] as const)(
  'other tabs are signed out within a second (%s), and their tokens are gone',
  async (scope) => {
    const shop = await aShop()
    const { auth } = await shop.signIn()
    const other = shop.open('https://shop.example/')
    await other.auth.getAccessToken()
    const started = Date.now()
    await auth.signOut({ scope })
    await until(other.auth, ({ status }) => status === 'signed-out')
    expect(Date.now() - started).toBeLessThan(1000)
    await expect(other.auth.getAccessToken()).rejects.toMatchObject({ code: 'not-signed-in' })
  },
)

test('the refresh token is revoked too, so that a stopped page leaves nothing behind', async () => {
  const shop = await aShop()
  const { auth } = await shop.signIn()
  await auth.signOut()
  await expect.poll(() => shop.issuer.requests.map(({ path }) => path)).toContain('/revoke')
})

test('signing out everywhere is asked of the portal, by a login that still lives', async () => {
  const shop = await aShop()
  const { auth, tab } = await shop.signIn()
  await auth.signOut({ scope: 'everywhere' })
  expect(auth.getState()).toEqual({ status: 'signed-out', reason: 'signed-out', isRefreshing: false })
  expect(await shop.browser.sessions.values().next().value?.read()).toEqual({})
  const { searchParams } = tab.left.at(-1) as URL
  expect(Object.fromEntries(searchParams)).toMatchObject({
    id_token_hint: expect.stringMatching(/^eyJ/),
    logout_scope: 'everywhere',
    state: expect.stringMatching(/^signed-out-/),
  })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(shop.issuer.requests.map(({ path }) => path)).not.toContain('/revoke')
})

test('an issuer without a place to sign out at ends this login, and says when more was wanted', async () => {
  for (const scope of ['browser', 'everywhere'] as const) {
    const shop = await aShop()
    shop.issuer.settings.hasLogout = false
    const { auth } = await shop.signIn()
    const leaving = auth.signOut({ scope })
    if (scope === 'browser') await leaving
    else await expect(leaving).rejects.toMatchObject({ code: 'configuration' })
    expect(auth.getState().status).toBe('signed-out')
    expect(shop.issuer.requests.at(-1)?.path).toBe('/revoke')
  }
})

test('signing out of the app leaves the portal alone', async () => {
  const shop = await aShop()
  const { auth, tab } = await shop.signIn()
  await auth.signOut({ scope: 'app' })
  expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'signed-out' })
  expect(tab.left).toEqual([])
  expect(shop.issuer.requests.at(-1)?.path).toBe('/revoke')
})

test('a guard that signs in as soon as nobody is there waits for the end of the sign-out', async () => {
  const shop = await aShop()
  const { auth } = await shop.signIn()
  const other = shop.open('https://shop.example/private')
  await settled(other.auth)
  other.auth.subscribe(() => {
    if (other.auth.getState().status === 'signed-out') void other.auth.signIn()
  })
  await auth.signOut()
  await until(other.auth, ({ status }) => status === 'signed-out')
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(other.tab.left).toEqual([])
  shop.open('https://shop.example/?state=signed-out-1')
  await expect.poll(() => other.tab.left.length).toBe(1)
})

test('coming back from the portal, the address loses the mark', async () => {
  const shop = await aShop()
  const { auth, tab } = await shop.signIn()
  await auth.signOut()
  const back = new URL('https://shop.example/?lang=en')
  back.searchParams.set('state', tab.left.at(-1)?.searchParams.get('state') ?? '')
  const home = shop.open(back)
  await settled(home.auth)
  expect(home.tab.address.href).toBe('https://shop.example/?lang=en')
  expect(home.auth.getState()).toEqual({ status: 'signed-out', isRefreshing: false })
})

test('a page the Back button restores shows nobody, before anything is read', async () => {
  const shop = await aShop()
  const { auth } = await shop.signIn()
  const frozen = shop.open('https://shop.example/account')
  await settled(frozen.auth)
  shop.browser.closeTabs()
  await auth.signOut()
  expect(frozen.auth.getState().status).toBe('member')
  frozen.tab.wake('restored')
  expect(frozen.auth.getState().status).toBe('signed-out')
})

test('a page the Back button restores asks the issuer, for they may have signed out at another app', async () => {
  const shop = await aShop()
  const { auth, tab } = await shop.signIn()
  await auth.getAccessToken()
  tab.wake('restored')
  await expect.poll(() => shop.issuer.countOf('refresh_token')).toBe(1)
  expect(auth.getState().status).toBe('member')
  shop.issuer.endAll()
  tab.wake('visible')
  tab.wake('restored')
  await until(auth, ({ status }) => status === 'signed-out')
  expect(auth.getState()).toMatchObject({ reason: 'session-ended' })
})

test('a page that is restored without a network stays who it was', async () => {
  const shop = await aShop()
  const { auth, tab } = await shop.signIn()
  shop.issuer.settings.isOffline = true
  tab.wake('restored')
  await until(auth, ({ isRefreshing }) => isRefreshing)
  await until(auth, ({ isRefreshing }) => !isRefreshing)
  expect(auth.getState().status).toBe('member')
})

test('a second click while the page is being left leads nowhere else', async () => {
  const shop = await aShop()
  const { auth, tab } = await shop.signIn()
  await Promise.all([auth.signOut(), auth.signOut()])
  await auth.signOut()
  expect(tab.left).toHaveLength(1)
})

test('an issuer that can not be reached leaves this browser signed out and says so', async () => {
  const shop = await aShop()
  const { tab } = await shop.signIn()
  shop.issuer.settings.isOffline = true
  const { auth } = shop.reload(tab)
  await settled(auth)
  await expect(auth.signOut()).rejects.toMatchObject({ code: 'network' })
  expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'signed-out' })
})

test('an unknown scope is a mistake in the app, and nothing happens', async () => {
  const shop = await aShop()
  const { auth } = await shop.signIn()
  // @ts-expect-error there is no such scope
  await expect(auth.signOut({ scope: 'galaxy' })).rejects.toMatchObject({ code: 'configuration' })
  expect(auth.getState().status).toBe('member')
})

describe('with guests', () => {
  test.each(['browser', 'app', 'everywhere'] as const)(
    'signing out (%s) is followed by a guest nobody has seen before',
    async (scope) => {
      const shop = await aShop({}, { guest: true })
      const { auth } = await shop.signIn()
      const member = auth.getState()
      await auth.signOut({ scope })
      await until(auth, ({ status }) => status === 'guest')
      const guest = auth.getState()
      expect(guest).toMatchObject({ status: 'guest', reason: 'signed-out' })
      expect(guest).not.toMatchObject({ sessionId: member.status === 'member' && member.sessionId })
    },
  )

  test('a guest who presses Sign out everywhere is a new one, and the portal is not bothered', async () => {
    const shop = await aShop({}, { guest: true })
    const { auth, tab } = shop.open('https://shop.example/')
    await until(auth, ({ status }) => status === 'guest')
    const before = auth.getState()
    await auth.signOut({ scope: 'everywhere' })
    await until(auth, (state) => state.status === 'guest' && state !== before)
    expect(auth.getState()).not.toMatchObject({ sessionId: before.status === 'guest' && before.sessionId })
    expect(tab.left).toEqual([])
  })
})
