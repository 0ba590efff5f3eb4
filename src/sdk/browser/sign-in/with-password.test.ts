import { afterAll, expect, test, vi } from 'vitest'
import { ADA, APP_ORIGIN, BEN, ISSUER, REDIRECT_URI } from '../../../server/test/test-config.ts'
import { aBrowser } from '../../test/a-browser.ts'
import { aRealIssuer } from '../../test/a-real-issuer.ts'
import { clientIn, settled, until } from '../../test/a-shop.ts'
import { claimsOf } from '../../test/an-issuer.ts'
import type { AuthOptions } from '../options.ts'

// Passwords are hashed as in production, which takes its time.
vi.setConfig({ testTimeout: 20_000 })

const issuer = await aRealIssuer()
afterAll(issuer.close)

/** A shop in a browser of its own at the real server, whose requests can be watched and held up. */
function aShop(options: Partial<AuthOptions> = {}) {
  const sent: Request[] = []
  const gate = { before: async (_request: Request) => undefined as Response | undefined }
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    sent.push(request.clone())
    return (await gate.before(request)) ?? issuer.fetch(request)
  }
  const browser = aBrowser()
  const open = async () => {
    const tab = browser.openTab(`${APP_ORIGIN}/`, fetch)
    const shop = clientIn(tab, { issuer: ISSUER, redirectUri: REDIRECT_URI, ...options })
    await settled(shop.auth)
    return shop
  }
  return { browser, open, sent, gate }
}

test('who types their password is signed in without leaving the page, in every tab', async () => {
  const shop = aShop()
  const [{ auth, tab }, other] = [await shop.open(), await shop.open()]
  await auth.signInWithPassword(ADA)
  expect(auth.getState()).toMatchObject({ status: 'member', user: { name: 'Ada Okafor' }, roles: ['Shopper'] })
  expect(tab.left).toEqual([])
  await until(other.auth, ({ status }) => status === 'member')
  expect(await other.auth.getAccessToken()).toBe(await auth.getAccessToken())
  expect(claimsOf(await auth.getAccessToken())).toHaveProperty('cnf.jkt')
})

test('what is asked for replaces the usual scope; custom roles come beside it', async () => {
  const shop = aShop()
  const { auth } = await shop.open()
  await auth.signInWithPassword({ ...BEN, scope: ['profile'], customRoles: ['MeAdmin'] })
  expect(auth.getState()).toMatchObject({ status: 'member', roles: ['MeAdmin'] })
  expect(claimsOf(await auth.getAccessToken()).scope).toBe('openid profile MeAdmin')
})

test('a guest comes along: the session id stays, and nothing of the guest is left', async () => {
  const shop = aShop({ guest: true })
  const { auth } = await shop.open()
  const guest = auth.getState()
  if (guest.status !== 'guest') throw new Error('no guest')
  const guestToken = await auth.getAccessToken()
  await auth.signInWithPassword(ADA)
  expect(auth.getState()).toMatchObject({ status: 'member', sessionId: guest.sessionId })
  expect(auth.getGuestUpgrade()).toBe('pending')
  await expect(issuer.backend.validate(guestToken)).rejects.toMatchObject({ code: 'token-revoked' })
})

test('a wrong password leaves the guest, who may type again', async () => {
  const shop = aShop({ guest: true })
  const { auth } = await shop.open()
  const guest = auth.getState()
  const wrong = auth.signInWithPassword({ ...ADA, password: 'wrong' }, { label: 'header-form' })
  await expect(wrong).rejects.toMatchObject({ code: 'wrong-credentials', action: 'retry', label: 'header-form' })
  expect(auth.getState()).toBe(guest)
  await auth.signInWithPassword(ADA)
  expect(auth.getState().status).toBe('member')
})

test('another person takes the place of who was here, whose login ends', async () => {
  const shop = aShop()
  const { auth } = await shop.open()
  await auth.signInWithPassword(ADA)
  const before = await auth.getAccessToken()
  await auth.signInWithPassword(BEN)
  expect(auth.getState()).toMatchObject({ user: { name: 'Ben Lindqvist' } })
  await expect.poll(() => issuer.backend.validate(before).catch((error) => error.code)).toBe('token-revoked')
})

test('the password is sent once, in a body, and is nowhere afterwards', async () => {
  const shop = aShop({ guest: true })
  const { auth } = await shop.open()
  shop.sent.length = 0
  await auth.signInWithPassword(ADA, { label: 'header-form' })
  const carrying = (await Promise.all(shop.sent.map((one) => one.text()))).filter((body) => body.includes('password='))
  expect(carrying).toHaveLength(1)
  expect(shop.sent.map(({ url }) => url).join()).not.toContain('copper')
  const left = JSON.stringify([
    ...shop.browser.storage.entries(),
    await shop.browser.sessions.values().next().value?.read(),
  ])
  expect(left + issuer.app.log.join('')).not.toContain('copper')
  expect(issuer.app.log.some((line) => JSON.parse(line).label === 'header-form')).toBe(true)
})

test('it can be broken off, and has a time limit', async () => {
  const shop = aShop()
  const { auth } = await shop.open()
  shop.gate.before = (request) =>
    new Promise((_resolve, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)))
  const controller = new AbortController()
  const call = auth.signInWithPassword(ADA, { signal: controller.signal })
  setTimeout(() => controller.abort(), 10)
  await expect(call).rejects.toMatchObject({ name: 'AbortError' })
  await expect(auth.signInWithPassword(ADA, { timeoutMs: 10 })).rejects.toMatchObject({ code: 'timeout' })
  expect(auth.getState().status).toBe('signed-out')
})

test('who signs out while the answer is on its way stays signed out, and its login ends', async () => {
  const shop = aShop()
  const { auth } = await shop.open()
  const other = await shop.open()
  let answered: { access_token?: string } = {}
  shop.gate.before = async (request) => {
    if (!request.url.endsWith('/token')) return undefined
    const response = await issuer.fetch(request)
    answered = await response.clone().json()
    await other.auth.signOut({ scope: 'app' })
    await new Promise((resolve) => setTimeout(resolve, 20))
    return response
  }
  await expect(auth.signInWithPassword(ADA)).rejects.toMatchObject({ code: 'not-signed-in' })
  expect(auth.getState().status).toBe('signed-out')
  const reason = () => issuer.backend.validate(answered.access_token ?? '').catch((error) => error.code)
  await expect.poll(reason).toBe('token-revoked')
})

test('an answer without an ID token is none: nobody knows who that would be', async () => {
  const shop = aShop()
  const { auth } = await shop.open()
  shop.gate.before = async (request) => {
    if (!request.url.endsWith('/token')) return undefined
    const { id_token: _left, ...answer } = await (await issuer.fetch(request)).json()
    return Response.json(answer)
  }
  await expect(auth.signInWithPassword(ADA)).rejects.toMatchObject({ code: 'answer-invalid' })
  expect(auth.getState().status).toBe('signed-out')
})

test('what is wrong with the arguments is said before anything is sent', async () => {
  const shop = aShop()
  const { auth } = await shop.open()
  shop.sent.length = 0
  // @ts-expect-error a scope in one string
  const oneString = auth.signInWithPassword({ ...ADA, scope: 'Shopper' })
  await expect(oneString).rejects.toMatchObject({
    code: 'argument-invalid',
    message: expect.stringContaining('a list'),
  })
  await expect(auth.signInWithPassword({ ...ADA, password: '' })).rejects.toMatchObject({ code: 'wrong-credentials' })
  // @ts-expect-error no password
  await expect(auth.signInWithPassword({ username: 'ada' })).rejects.toMatchObject({ code: 'argument-invalid' })
  expect(shop.sent).toEqual([])
})
