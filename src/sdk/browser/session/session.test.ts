import { expect, test } from 'vitest'
import { aShop, leave, settled, until } from '../../test/a-shop.ts'
import { claimsOf } from '../../test/an-issuer.ts'

const tooMany = () => new Response('{}', { status: 429, headers: { 'retry-after': '1' } })
const down = () => new Response('<h1>Bad gateway</h1>', { status: 502 })

test('a reload is a member at once and renews when a token is asked for', async () => {
  const shop = await aShop()
  const { tab } = await shop.signIn()
  const { auth } = shop.reload(tab)
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'member', user: { name: 'Ada' }, roles: ['Shopper'] })
  expect(shop.issuer.countOf('refresh_token')).toBe(0)
})

test('fifty calls in three tabs with nothing but an old token renew once and nobody is signed out', async () => {
  const shop = await aShop({ nonces: false })
  await shop.signIn()
  shop.browser.closeTabs()
  const tabs = [1, 2, 3].map(() => shop.open('https://shop.example/'))
  const calls = tabs.flatMap(({ auth }) => Array.from({ length: 17 }, () => auth.getAccessToken()))
  expect(new Set(await Promise.all(calls)).size).toBe(1)
  expect(shop.issuer.countOf('refresh_token')).toBe(1)
  for (const { auth } of tabs) expect(auth.getState().status).toBe('member')
})

test('a new tab takes over the token of one that is open', async () => {
  const shop = await aShop()
  const first = await shop.signIn()
  const second = shop.open('https://shop.example/')
  expect(await second.auth.getAccessToken()).toBe(await first.auth.getAccessToken())
  expect(shop.issuer.countOf('refresh_token')).toBe(0)
})

test('a token is renewed before it ends, by itself', async () => {
  const shop = await aShop({ lifetimeSeconds: 1 })
  const { auth } = await shop.signIn()
  const first = await auth.getAccessToken()
  await expect.poll(() => shop.issuer.countOf('refresh_token'), { timeout: 2000 }).toBeGreaterThan(0)
  await expect.poll(() => auth.getAccessToken()).not.toBe(first)
})

test('a tab nobody looks at does not renew by itself, and does when it is looked at', async () => {
  const shop = await aShop({ lifetimeSeconds: 1, nonces: false })
  const { tab } = await shop.signIn()
  tab.isHidden = true
  await new Promise((resolve) => setTimeout(resolve, 1200))
  expect(shop.issuer.countOf('refresh_token')).toBe(0)
  tab.isHidden = false
  tab.wake('visible')
  await expect.poll(() => shop.issuer.countOf('refresh_token')).toBe(1)
})

test('both values are kept after each renewal: the next one presents the successor', async () => {
  const shop = await aShop({ lifetimeSeconds: 0.05, nonces: false })
  const { auth } = await shop.signIn()
  for (let round = 0; round < 3; round += 1) {
    await auth.getAccessToken()
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  const presented = shop.issuer.requests.map(({ form }) => form.get('refresh_token')).filter(Boolean)
  expect(new Set(presented).size).toBe(presented.length)
  expect(auth.getState().status).toBe('member')
})

test('a fixed refresh token, which comes with no successor, stays in use', async () => {
  const shop = await aShop({ rotates: false })
  const { tab } = await shop.signIn()
  shop.browser.closeTabs()
  const { auth } = shop.reload(tab)
  await auth.getAccessToken()
  shop.browser.closeTabs()
  const again = shop.reload(tab)
  await again.auth.getAccessToken()
  expect(again.auth.getState().status).toBe('member')
})

test('an answer lost on its way is asked for again with the same token and key', async () => {
  const shop = await aShop({ nonces: false })
  const { tab } = await shop.signIn()
  shop.browser.closeTabs()
  const { auth } = shop.reload(tab)
  shop.issuer.faults.push('answer-lost')
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'network', retryable: true, action: 'retry' })
  expect(auth.getState().status).toBe('member')
  tab.wake('online')
  await expect.poll(() => auth.getAccessToken().catch(() => ''), { timeout: 3000 }).toMatch(/^eyJ/)
})

test.each([
  ['a network failure', 'unreachable' as const, 'network'],
  ['429', tooMany(), 'rate-limited'],
  ['502 with a page of a proxy', down(), 'server'],
  ['an empty answer', new Response(''), 'server'],
  ['an answer that is not one', new Response('{"ok":true}'), 'server'],
])('%s keeps the session', async (_name, fault, code) => {
  const shop = await aShop({ nonces: false })
  const { tab } = await shop.signIn()
  shop.browser.closeTabs()
  const { auth } = shop.reload(tab)
  shop.issuer.faults.push(fault)
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code, retryable: true })
  expect(auth.getState()).toMatchObject({ status: 'member', isRefreshing: false })
})

test('while the issuer asks to wait, nothing is sent', async () => {
  const shop = await aShop({ nonces: false })
  const { tab } = await shop.signIn()
  shop.browser.closeTabs()
  const { auth } = shop.reload(tab)
  shop.issuer.faults.push(tooMany())
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'rate-limited', retryAfterSeconds: 1 })
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'rate-limited' })
  expect(shop.issuer.countOf('refresh_token')).toBe(0)
})

test('a refusal that is not about the grant keeps the session', async () => {
  const shop = await aShop({ nonces: false })
  const { tab } = await shop.signIn()
  shop.browser.closeTabs()
  const { auth } = shop.reload(tab)
  shop.issuer.faults.push(new Response('{"error":"unauthorized_client"}', { status: 400 }))
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'refused', oauthError: 'unauthorized_client' })
  expect(auth.getState().status).toBe('member')
})

test('invalid_grant ends the session, in every tab, told once', async () => {
  const shop = await aShop({ nonces: false })
  const { tab } = await shop.signIn()
  shop.browser.closeTabs()
  const first = shop.reload(tab)
  const second = shop.open('https://shop.example/')
  await Promise.all([settled(first.auth), settled(second.auth)])
  let told = 0
  first.auth.subscribe(() => {
    told += first.auth.getState().status === 'signed-out' ? 1 : 0
  })
  shop.issuer.endAll()
  const calls = await Promise.allSettled(Array.from({ length: 5 }, () => first.auth.getAccessToken()))
  expect(calls.every(({ status }) => status === 'rejected')).toBe(true)
  expect(first.auth.getState()).toMatchObject({ status: 'signed-out', reason: 'session-ended' })
  await until(second.auth, ({ status }) => status === 'signed-out')
  // isRefreshing turns false after it.
  expect(told).toBeLessThanOrEqual(2)
  await expect(first.auth.getAccessToken()).rejects.toMatchObject({ code: 'not-signed-in' })
})

test('a renewal that arrives after a sign-out is thrown away', async () => {
  const shop = await aShop()
  const { tab } = await shop.signIn()
  shop.browser.closeTabs()
  const { auth } = shop.reload(tab)
  await settled(auth)
  const late = auth.getAccessToken()
  const out = auth.signOut({ scope: 'app' })
  await expect(late).rejects.toMatchObject({ code: 'not-signed-in' })
  await out
  expect(auth.getState()).toMatchObject({ status: 'signed-out' })
  const kept = await shop.browser.sessions.values().next().value?.read()
  expect(kept).toEqual({})
})

test('a wrong clock here does not matter: the issuer’s time is learned from its answers', async () => {
  const shop = await aShop({ clockAheadMs: 3_600_000, nonces: false })
  const { auth } = await shop.signIn()
  expect(await auth.getAccessToken()).toMatch(/^eyJ/)
  expect(auth.getState().status).toBe('member')
})

test('another person coming back from a renewal is refused (OpenID Connect Core section 12.2)', async () => {
  const shop = await aShop({ nonces: false })
  const { tab } = await shop.signIn()
  shop.browser.closeTabs()
  const { auth } = shop.reload(tab)
  const idToken = await shop.issuer.sign({ sub: 'ben-1', aud: 'catalog', exp: 9_999_999_999 }, 'JWT')
  const body = { access_token: 'x', token_type: 'DPoP', expires_in: 600, id_token: idToken, refresh_token: 'y' }
  shop.issuer.faults.push(new Response(JSON.stringify(body)))
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'answer-invalid' })
  expect(auth.getState()).toMatchObject({ status: 'member', user: { sub: 'ada-1' } })
})

test('roles follow a renewal, and one role may come as a bare string', async () => {
  const shop = await aShop({ nonces: false })
  const { tab } = await shop.signIn()
  shop.browser.closeTabs()
  shop.issuer.settings.roles = 'MeAdmin'
  const { auth } = shop.reload(tab)
  await auth.getAccessToken()
  expect(auth.getState()).toMatchObject({ roles: ['MeAdmin'] })
  expect(auth.hasRole('MeAdmin')).toBe(true)
  expect(auth.hasRole('Shopper')).toBe(false)
})

test('an aborted call ends at once, and the renewal others wait for goes on', async () => {
  const shop = await aShop()
  const { tab } = await shop.signIn()
  shop.browser.closeTabs()
  const { auth } = shop.reload(tab)
  const controller = new AbortController()
  const mine = auth.getAccessToken({ signal: controller.signal })
  const theirs = auth.getAccessToken()
  controller.abort(new Error('gone'))
  await expect(mine).rejects.toThrow('gone')
  expect(await theirs).toMatch(/^eyJ/)
})

test('snapshots stay the same object while nothing changes, and can not be changed', async () => {
  const shop = await aShop()
  const { auth, tab } = await shop.signIn()
  const before = auth.getState()
  tab.wake('visible')
  await auth.getAccessToken()
  expect(auth.getState()).toBe(before)
  expect(Object.isFrozen(before)).toBe(true)
  if (before.status === 'member') expect(Object.isFrozen(before.user)).toBe(true)
})

test('kept in memory only, a reload knows nobody', async () => {
  const shop = await aShop({}, { persist: 'memory' })
  const { auth, tab } = await shop.signIn()
  expect(auth.getState().status).toBe('member')
  expect(shop.browser.sessions.size).toBe(0)
  const reloaded = shop.reload(tab)
  await settled(reloaded.auth)
  expect(reloaded.auth.getState()).toEqual({ status: 'signed-out', isRefreshing: false })
})

test('kept for the session, it is gone after the browser was closed', async () => {
  const shop = await aShop({}, { persist: 'session' })
  const { tab } = await shop.signIn()
  const reloaded = shop.reload(tab)
  await settled(reloaded.auth)
  expect(reloaded.auth.getState().status).toBe('member')
  shop.browser.isLive = false
  const later = shop.open('https://shop.example/')
  await settled(later.auth)
  expect(later.auth.getState().status).toBe('signed-out')
})

test('two people in two tabs, each kept in memory only, keep to their own tokens', async () => {
  const shop = await aShop({ nonces: false }, { persist: 'memory' })
  const ada = await shop.signIn('https://shop.example/', 'ada-1')
  const adasToken = await ada.auth.getAccessToken()
  const back = shop.issuer.authorize(await leave(shop.open('https://shop.example/')), { sub: 'ben-1' })
  const ben = shop.open(back)
  await settled(ben.auth)
  expect(claimsOf(await ben.auth.getAccessToken()).sub).toBe('ben-1')
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await ada.auth.getAccessToken()).toBe(adasToken)
  expect(shop.issuer.countOf('refresh_token')).toBe(0)
})
