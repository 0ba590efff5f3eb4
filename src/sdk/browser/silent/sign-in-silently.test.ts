import { expect, test, vi } from 'vitest'
import { aGuest, aGuestShop, kept } from '../../test/a-guest.ts'
import { portalKnows, posted } from '../../test/a-portal.ts'
import { aShop, leave, openShop, settled, until } from '../../test/a-shop.ts'
import { claimsOf } from '../../test/an-issuer.ts'

const home = 'https://shop.example/'

test('signIn without a page signs in without leaving', async () => {
  const shop = await aShop()
  portalKnows(shop, 'ada-1')
  const { auth, tab } = shop.open(home)
  await settled(auth)
  await auth.signIn({ prompt: 'none' })
  expect(auth.getState()).toMatchObject({ status: 'member', user: { sub: 'ada-1' } })
  expect(tab.left).toEqual([])
})

test('a guest comes along', async () => {
  const shop = await aGuestShop()
  portalKnows(shop, 'ada-1')
  const { auth, sessionId } = await aGuest(shop)
  await auth.signIn({ prompt: 'none' })
  expect(auth.getState()).toMatchObject({ status: 'member', sessionId })
  expect(shop.browser.frames.opened[0]?.href).not.toContain('guest.')
  expect(await kept(shop)).not.toContain('guest.')
})

test('where the portal knows nobody, a guest stays the guest they were', async () => {
  const shop = await aGuestShop()
  portalKnows(shop, undefined)
  const guest = await aGuest(shop)
  const before = guest.auth.getState()
  await guest.auth.signIn({ prompt: 'none' })
  expect(guest.auth.getState()).toBe(before)
})

test('a portal that says it knows nobody ends no session: the member stays one', async () => {
  const shop = await aShop()
  const { auth } = await shop.signIn()
  const token = await auth.getAccessToken()
  portalKnows(shop, undefined)
  await auth.signIn({ prompt: 'none' })
  expect(auth.getState()).toMatchObject({ status: 'member', user: { sub: 'ada-1' } })
  expect(await auth.getAccessToken()).toBe(token)
})

test('it asks for the member who is here, and takes nobody else', async () => {
  const shop = await aShop()
  const { auth } = await shop.signIn()
  portalKnows(shop, 'ben-1')
  await auth.signIn({ prompt: 'none' })
  const hint = shop.browser.frames.opened[0]?.searchParams.get('id_token_hint') ?? ''
  expect(claimsOf(hint).sub).toBe('ada-1')
  expect(auth.getState()).toMatchObject({ status: 'member', user: { sub: 'ada-1' } })
})

test('on another site the page is left for it, and a false "nobody" on the way back ends no session', async () => {
  const shop = await aShop()
  shop.browser.frames.relation = 'other-site'
  const opened = await shop.signIn()
  const address = await leave(opened, { prompt: 'none' })
  expect(address.searchParams.get('prompt')).toBe('none')
  expect(shop.browser.frames.opened).toEqual([])
  const { auth } = shop.open(shop.issuer.authorize(address, { error: 'login_required' }))
  await settled(auth)
  expect(auth.getState()).toMatchObject({ status: 'member', user: { sub: 'ada-1' } })
})

test('so it is where the issuer posts no answers', async () => {
  const shop = await aShop()
  const issuer = { ...shop.issuer, fetch: withoutMessages(shop.issuer.fetch) }
  const { auth, tab } = openShop(home, { ...shop, issuer })
  await settled(auth)
  await auth.signIn({ prompt: 'none' })
  expect(tab.left).toHaveLength(1)
})

test('a redemption whose answer is lost starts over without a page too', async () => {
  const shop = await aShop({ nonces: false })
  shop.browser.frames.relation = 'other-site'
  const back = shop.issuer.authorize(await leave(shop.open(home), { prompt: 'none' }))
  shop.issuer.faults.push('answer-lost')
  const { tab } = shop.open(back)
  await expect.poll(() => tab.left.length, { timeout: 3000 }).toBe(1)
  expect(tab.left[0]?.searchParams.get('prompt')).toBe('none')
})

test.each([
  ['nothing', () => undefined],
  ['something else', () => ({ type: 'webpackOk' })],
  ['an answer to another request', () => posted(new URL(`${home}?code=stolen&state=theirs`))],
  ['no state', () => posted(new URL(`${home}?code=stolen`))],
])('%s from the frame is no answer: nobody is signed in or out by it', async (_name, post) => {
  const shop = await aShop()
  shop.browser.frames.answer = async () => post()
  const { auth } = shop.open(home)
  await settled(auth)
  await expect(auth.signIn({ prompt: 'none' })).rejects.toMatchObject({ code: 'network', retryable: true })
  expect(auth.getState()).toMatchObject({ status: 'unknown', reason: 'network' })
  expect(shop.issuer.countOf('authorization_code')).toBe(0)
})

test('an answer that names another issuer is refused (RFC 9207)', async () => {
  const shop = await aShop()
  shop.browser.frames.answer = async (address) => {
    const answer = posted(shop.issuer.authorize(address))
    return { ...answer, response: { ...answer.response, iss: 'https://evil.example' } }
  }
  const { auth } = shop.open(home)
  await settled(auth)
  await expect(auth.signIn({ prompt: 'none' })).rejects.toMatchObject({ code: 'answer-invalid' })
  expect(shop.issuer.countOf('authorization_code')).toBe(0)
})

test('who presses Sign in meanwhile is led to the portal at once', async () => {
  const shop = await aShop()
  shop.browser.frames.answer = () => new Promise(() => undefined)
  const { auth, tab } = shop.open(home)
  await settled(auth)
  void auth.signIn({ prompt: 'none' }).catch(() => undefined)
  await vi.waitUntil(() => shop.browser.frames.opened.length > 0)
  await auth.signIn()
  expect(tab.left).toHaveLength(1)
  expect(tab.left[0]?.searchParams.has('prompt')).toBe(false)
})

test('a member whose refresh token is gone is signed in again unnoticed, once for all tabs', async () => {
  const shop = await aShop({ nonces: false }, { silentSignIn: 'frame' })
  const { tab } = await shop.signIn()
  shop.browser.closeTabs()
  shop.browser.frames.opened.length = 0
  const tabs = [shop.reload(tab), shop.open(home)]
  await Promise.all(tabs.map(({ auth }) => settled(auth)))
  const seen: string[] = []
  for (const { auth } of tabs) auth.subscribe(() => seen.push(auth.getState().status))
  shop.issuer.endAll()
  portalKnows(shop, 'ada-1')
  const tokens = await Promise.all(tabs.map(({ auth }) => auth.getAccessToken()))
  expect(new Set(tokens).size).toBe(1)
  expect(new Set(seen)).toEqual(new Set(['member']))
  expect(shop.browser.frames.opened).toHaveLength(1)
})

test.each([
  ['may', ['north'], { company: 'north' }],
  ['may not any more', [], { reason: 'company-lost' }],
])('who acted for a company, and %s, is signed in again without being asked', async (_name, companies, expected) => {
  const shop = await aShop({ nonces: false }, { silentSignIn: 'frame' })
  shop.issuer.settings.companies = ['north']
  const page = await shop.signIn()
  await page.auth.switchCompany('north')
  shop.browser.closeTabs()
  const { auth } = shop.reload(page.tab)
  await settled(auth)
  shop.issuer.endAll()
  shop.issuer.settings.companies = companies
  portalKnows(shop, 'ada-1')
  expect(claimsOf(await auth.getAccessToken()).legal_entity_id).toBe(companies[0])
  expect(auth.getState()).toMatchObject({ status: 'member', ...expected })
})

test.each([
  ['knows nobody', undefined],
  ['knows somebody else', 'ben-1'],
])('where the portal %s by then, the session has ended', async (_name, known) => {
  const shop = await aShop({ nonces: false }, { silentSignIn: 'frame' })
  const { tab } = await shop.signIn()
  shop.browser.closeTabs()
  const { auth } = shop.reload(tab)
  await settled(auth)
  shop.issuer.endAll()
  portalKnows(shop, known)
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'session-ended' })
  expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'session-ended' })
})

test('signing out while a member is being signed in again signs out', async () => {
  const shop = await aShop({ nonces: false }, { silentSignIn: 'frame' })
  const { tab } = await shop.signIn()
  shop.browser.closeTabs()
  const { auth } = shop.reload(tab)
  await settled(auth)
  shop.issuer.endAll()
  shop.browser.frames.answer = async (address) => {
    await auth.signOut({ scope: 'app' })
    return posted(shop.issuer.authorize(address))
  }
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'session-ended' })
  await until(auth, ({ status }) => status === 'signed-out')
  expect(auth.getState()).toMatchObject({ reason: 'signed-out' })
})

function withoutMessages(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (!String(input).includes('.well-known')) return response
    return Response.json({ ...(await response.json()), response_modes_supported: ['query'] })
  }
}
