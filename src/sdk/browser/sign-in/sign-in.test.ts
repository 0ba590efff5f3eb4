import { expect, test } from 'vitest'
import { aShop, clientIn, leave, settled } from '../../test/a-shop.ts'
import { claimsOf } from '../../test/an-issuer.ts'

test('signing in leads back to the page left, with path, query and hash, as a member', async () => {
  const shop = await aShop()
  const { auth, tab } = await shop.signIn('https://shop.example/products/kettle?color=red#reviews')
  expect(auth.getState()).toEqual({
    status: 'member',
    user: { sub: 'ada-1', name: 'Ada', username: 'ada', email: 'ada@example.com', emailVerified: true },
    roles: ['Shopper'],
    sessionId: expect.any(String),
    isRefreshing: false,
  })
  expect(tab.address.href).toBe('https://shop.example/products/kettle?color=red#reviews')
  expect(tab.announced).toBe(1)
})

test('the request carries PKCE with S256, state, nonce and the thumbprint of the key (RFC 7636, RFC 9449 section 10)', async () => {
  const shop = await aShop()
  const address = await leave(shop.open('https://shop.example/'), { prompt: 'login', loginHint: 'ada' })
  expect(Object.fromEntries(address.searchParams)).toEqual({
    client_id: 'catalog',
    redirect_uri: 'https://shop.example/callback',
    response_type: 'code',
    scope: 'openid profile email',
    state: expect.stringMatching(/^.{22,}$/),
    nonce: expect.stringMatching(/^.{22,}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
    dpop_jkt: expect.stringMatching(/^[\w-]{43}$/),
    prompt: 'login',
    login_hint: 'ada',
  })
})

test('tokens are bound to the key the request named', async () => {
  const shop = await aShop()
  const opening = shop.open('https://shop.example/')
  const address = await leave(opening)
  const { auth } = shop.open(shop.issuer.authorize(address))
  await settled(auth)
  expect(claimsOf(await auth.getAccessToken()).cnf).toEqual({ jkt: address.searchParams.get('dpop_jkt') })
  const kept = await shop.browser.sessions.values().next().value?.read()
  expect(kept?.key?.privateKey.extractable).toBe(false)
})

test('without dpop no key is named and the token is a plain Bearer one', async () => {
  const shop = await aShop({}, { dpop: false })
  const { auth } = await shop.signIn()
  const headers = await auth.headers({ method: 'GET', url: 'https://api.example.com/' })
  expect(headers).toEqual({ Authorization: `Bearer ${await auth.getAccessToken()}` })
})

test('code, state and iss leave the address bar before createAuth returns', async () => {
  const shop = await aShop()
  const back = shop.issuer.authorize(await leave(shop.open('https://shop.example/')))
  const { tab, auth } = shop.open(back)
  expect(tab.address.href).toBe('https://shop.example/callback')
  expect(auth.getState().status).toBe('loading')
})

test('two calls at once lead to the portal once', async () => {
  const shop = await aShop()
  const { auth, tab } = shop.open('https://shop.example/')
  await Promise.all([auth.signIn(), auth.signIn()])
  expect(tab.left).toHaveLength(1)
})

test('sign-ins begun in two tabs both end signed in', async () => {
  const shop = await aShop()
  const first = await leave(shop.open('https://shop.example/one'))
  const second = await leave(shop.open('https://shop.example/two'))
  const one = shop.open(shop.issuer.authorize(first))
  await settled(one.auth)
  const two = shop.open(shop.issuer.authorize(second))
  await settled(two.auth)
  expect(one.tab.address.pathname).toBe('/one')
  expect(two.tab.address.pathname).toBe('/two')
  expect(two.auth.getState().status).toBe('member')
})

test('an answer may come back in another tab than the one that asked', async () => {
  const shop = await aShop()
  const address = await leave(shop.open('https://shop.example/one'))
  const elsewhere = shop.open(shop.issuer.authorize(address))
  await settled(elsewhere.auth)
  expect(elsewhere.auth.getState().status).toBe('member')
})

test('a second client on the page waits for the first and redeems nothing itself (StrictMode, hot reload)', async () => {
  const shop = await aShop()
  const { auth, tab } = shop.open(shop.issuer.authorize(await leave(shop.open('https://shop.example/'))))
  const again = clientIn(tab)
  await Promise.all([settled(auth), settled(again.auth)])
  expect(auth.getState().status).toBe('member')
  expect(again.auth.getState().status).toBe('member')
  expect(new Set(shop.issuer.requests.map(({ form }) => form.get('code'))).size).toBe(1)
})

test('the same answer a second time does nothing and ends on the home page', async () => {
  const shop = await aShop()
  const back = shop.issuer.authorize(await leave(shop.open('https://shop.example/products/kettle')))
  await settled(shop.open(back).auth)
  const redeemed = shop.issuer.countOf('authorization_code')
  const replayed = shop.open(back)
  await settled(replayed.auth)
  expect(shop.issuer.countOf('authorization_code')).toBe(redeemed)
  expect(replayed.auth.getState().status).toBe('member')
  expect(replayed.tab.address.href).toBe('https://shop.example/')
})

test('an answer without our state is ignored', async () => {
  const shop = await aShop()
  const { auth, tab } = shop.open('https://shop.example/callback?code=stolen&state=theirs')
  await settled(auth)
  expect(auth.getState()).toEqual({ status: 'signed-out', isRefreshing: false })
  expect(tab.address.href).toBe('https://shop.example/')
  expect(shop.issuer.requests).toEqual([])
})

test('a code on a page that is not the redirect address stays where it is', async () => {
  const shop = await aShop()
  const { auth, tab } = shop.open('https://shop.example/oauth/partner?code=theirs&state=abc')
  await settled(auth)
  expect(tab.address.href).toBe('https://shop.example/oauth/partner?code=theirs&state=abc')
})

test('saying no leads back to the page, signed out with the reason', async () => {
  const shop = await aShop()
  const address = await leave(shop.open('https://shop.example/products/mug'))
  const { auth, tab } = shop.open(shop.issuer.authorize(address, { error: 'access_denied' }))
  await settled(auth)
  expect(auth.getState()).toEqual({ status: 'signed-out', reason: 'denied', isRefreshing: false })
  expect(tab.address.href).toBe('https://shop.example/products/mug')
})

test('leaving without being shown a page and finding nobody is signed out, with nothing to tell', async () => {
  const shop = await aShop()
  shop.browser.frames.relation = 'other-site'
  const address = await leave(shop.open('https://shop.example/'), { prompt: 'none' })
  const { auth } = shop.open(shop.issuer.authorize(address, { error: 'login_required' }))
  await settled(auth)
  expect(auth.getState()).toEqual({ status: 'signed-out', isRefreshing: false })
})

test('any other refusal is an error that names the code and nothing the issuer wrote', async () => {
  const shop = await aShop()
  const address = await leave(shop.open('https://shop.example/'))
  const back = shop.issuer.authorize(address, { error: 'invalid_scope' })
  back.searchParams.set('error_description', '<img src=x onerror=alert(1)>')
  const { auth } = shop.open(back)
  await settled(auth)
  const state = auth.getState()
  expect(state).toMatchObject({
    status: 'error',
    error: { code: 'refused', oauthError: 'invalid_scope', retryable: false },
  })
  expect(JSON.stringify(state) + (state.status === 'error' ? state.error.message : '')).not.toContain('<')
})

test('an answer of another issuer, or of none, is not redeemed (RFC 9207)', async () => {
  const shop = await aShop()
  for (const iss of ['https://evil.example/demo', undefined]) {
    const back = shop.issuer.authorize(await leave(shop.open('https://shop.example/')))
    if (iss) back.searchParams.set('iss', iss)
    else back.searchParams.delete('iss')
    const { auth } = shop.open(back)
    await settled(auth)
    expect(auth.getState()).toMatchObject({ status: 'error', error: { code: 'answer-invalid' } })
  }
  expect(shop.issuer.requests).toEqual([])
})

test('a token answer lost on its way starts over silently, once, and keeps the page to end on', async () => {
  const shop = await aShop()
  const address = await leave(shop.open('https://shop.example/products/kettle#reviews'))
  shop.issuer.settings.nonces = false
  shop.issuer.faults.push('answer-lost')
  const lost = shop.open(shop.issuer.authorize(address))
  await expect.poll(() => lost.tab.left.length, { timeout: 3000 }).toBe(1)
  expect(lost.auth.getState().status).toBe('loading')
  const again = shop.open(shop.issuer.authorize(lost.tab.left[0] as URL))
  await settled(again.auth)
  expect(again.auth.getState().status).toBe('member')
  expect(again.tab.address.href).toBe('https://shop.example/products/kettle#reviews')
})

test('a sign-in lost twice is an error, not a circle', async () => {
  const shop = await aShop()
  const address = await leave(shop.open('https://shop.example/products/kettle'))
  shop.issuer.endAll()
  const lost = shop.open(spoilt(shop.issuer.authorize(address)))
  await expect.poll(() => lost.tab.left.length).toBe(1)
  const again = shop.open(spoilt(shop.issuer.authorize(lost.tab.left[0] as URL)))
  await settled(again.auth)
  expect(again.auth.getState()).toMatchObject({ status: 'error', error: { code: 'answer-invalid' } })
  expect(again.tab.left).toEqual([])
  expect(again.tab.address.href).toBe('https://shop.example/products/kettle')
})

test('a reload while the code is being redeemed starts over silently', async () => {
  const shop = await aShop()
  const address = await leave(shop.open('https://shop.example/products/mug'))
  const { tab } = shop.open(shop.issuer.authorize(address))
  const interrupted = shop.reload(tab)
  await expect.poll(() => interrupted.tab.left.length).toBe(1)
  const again = shop.open(shop.issuer.authorize(interrupted.tab.left[0] as URL))
  await settled(again.auth)
  expect(again.auth.getState().status).toBe('member')
  expect(again.tab.address.href).toBe('https://shop.example/products/mug')
})

test('an issuer that can not be reached on the way back is unknown, not signed out', async () => {
  const shop = await aShop()
  const address = await leave(shop.open('https://shop.example/products/mug'))
  shop.issuer.faults.push('unreachable', 'unreachable')
  const { auth, tab } = shop.open(shop.issuer.authorize(address))
  await settled(auth)
  expect(auth.getState()).toEqual({ status: 'unknown', reason: 'network', isRefreshing: false })
  expect(tab.address.href).toBe('https://shop.example/products/mug')
})

test('a sign-in that fails leaves who was signed in before signed in', async () => {
  const shop = await aShop()
  const before = await shop.signIn()
  const address = await leave(before, { prompt: 'login' })
  const { auth } = shop.open(shop.issuer.authorize(address, { error: 'access_denied' }))
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'member', user: { sub: 'ada-1' } })
})

test('somebody else signing in replaces the person, and the old refresh token is revoked', async () => {
  const shop = await aShop()
  const first = await shop.signIn('https://shop.example/', 'ada-1')
  const back = shop.issuer.authorize(await leave(shop.open('https://shop.example/')), { sub: 'ben-1' })
  const second = shop.open(back)
  await settled(second.auth)
  expect(second.auth.getState()).toMatchObject({ status: 'member', user: { sub: 'ben-1' } })
  await expect.poll(() => first.auth.getState()).toMatchObject({ status: 'member', user: { sub: 'ben-1' } })
  await expect.poll(() => shop.issuer.requests.filter(({ path }) => path === '/revoke').length).toBe(1)
})

test('a page on another origin than the redirect address says so instead of losing the sign-in', async () => {
  const shop = await aShop()
  const { auth } = shop.open('http://127.0.0.1:3001/')
  await expect(auth.signIn()).rejects.toMatchObject({ code: 'configuration' })
})

test('no token, verifier or key is kept in web storage once somebody is signed in', async () => {
  const shop = await aShop()
  const { auth, tab } = await shop.signIn()
  const kept = JSON.stringify([...shop.browser.storage.entries(), ...tab.tabStorage.entries()])
  expect(kept).not.toContain(await auth.getAccessToken())
  expect(kept).not.toMatch(/eyJ|refresh|verifier/)
})

function spoilt(address: URL): URL {
  address.searchParams.set('code', 'spent')
  return address
}

test('a redirect address that is the home page stays a page like any other', async () => {
  const shop = await aShop({}, { redirectUri: 'https://shop.example/' })
  const { auth, tab } = shop.open('https://shop.example/?category=table#top')
  await settled(auth)
  expect(tab.address.href).toBe('https://shop.example/?category=table#top')
  const strange = shop.open('https://shop.example/?category=table&code=c&state=s')
  await settled(strange.auth)
  expect(strange.tab.address.href).toBe('https://shop.example/?category=table')
  const address = await leave({ auth, tab })
  const back = shop.open(shop.issuer.authorize(address))
  await settled(back.auth)
  expect(back.tab.address.href).toBe('https://shop.example/?category=table#top')
})

test('signing in on the redirect address itself ends on the home page', async () => {
  const shop = await aShop()
  const address = await leave(shop.open('https://shop.example/callback?code=c&state=s'))
  const { auth, tab } = shop.open(shop.issuer.authorize(address))
  await settled(auth)
  expect(tab.address.href).toBe('https://shop.example/')
})

test('an address of another origin given as returnTo is ignored', async () => {
  const shop = await aShop()
  const address = await leave(shop.open('https://shop.example/products/mug'), { returnTo: '//evil.example/' })
  const { auth, tab } = shop.open(shop.issuer.authorize(address))
  await settled(auth)
  expect(tab.address.href).toBe('https://shop.example/products/mug')
})

test('where to end is read anew on the way back', async () => {
  const shop = await aShop()
  const address = await leave(shop.open('https://shop.example/products/mug'))
  for (const [key, value] of shop.browser.storage.entries()) {
    shop.browser.storage.set(key, value.replace('/products/mug', '//evil.example'))
  }
  const { auth, tab } = shop.open(shop.issuer.authorize(address))
  await settled(auth)
  expect(auth.getState().status).toBe('member')
  expect(tab.address.href).toBe('https://shop.example/')
})
