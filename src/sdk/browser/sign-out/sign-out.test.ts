import { expect, test } from 'vitest'
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

test('other tabs are signed out within a second, and their tokens are gone', async () => {
  const shop = await aShop()
  const { auth } = await shop.signIn()
  const other = shop.open('https://shop.example/')
  await other.auth.getAccessToken()
  const started = Date.now()
  await auth.signOut()
  await until(other.auth, ({ status }) => status === 'signed-out')
  expect(Date.now() - started).toBeLessThan(1000)
  await expect(other.auth.getAccessToken()).rejects.toMatchObject({ code: 'not-signed-in' })
})

test('the refresh token is revoked too, so that a stopped page leaves nothing behind', async () => {
  const shop = await aShop()
  const { auth } = await shop.signIn()
  await auth.signOut()
  await expect.poll(() => shop.issuer.requests.map(({ path }) => path)).toContain('/revoke')
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
