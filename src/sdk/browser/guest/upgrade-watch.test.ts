import { expect, test } from 'vitest'
import { aShop, leave, settled } from '../../test/a-shop.ts'
import type { Auth } from '../auth.ts'
import type { GuestUpgrade } from '../auth-state.ts'

const home = 'https://shop.example/'

/** A guest who has just become a member. */
async function anUpgradedMember() {
  const shop = await aShop({ nonces: false }, { guest: true })
  const guest = shop.open(home)
  await settled(guest.auth)
  const back = shop.issuer.authorize(await leave(guest))
  shop.browser.closeTabs()
  const opened = shop.open(back)
  await settled(opened.auth)
  return { shop, ...opened }
}

/** Listens, and notes what there is to hear. */
function listen(auth: Auth): { heard: GuestUpgrade[]; stop: () => void } {
  const heard = [auth.getGuestUpgrade()]
  return { heard, stop: auth.watchGuestUpgrade(() => heard.push(auth.getGuestUpgrade())) }
}

const asked = ({ issuer }: Awaited<ReturnType<typeof aShop>>) =>
  issuer.requests.filter(({ path }) => path === '/me/upgrade').length
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('it is pending until the issuer says done, told once, and then nothing more is asked', async () => {
  const { shop, auth } = await anUpgradedMember()
  const { heard } = listen(auth)
  await expect.poll(() => asked(shop), { timeout: 2000 }).toBeGreaterThan(1)
  shop.issuer.settings.upgrade = 'done'
  await expect.poll(() => heard, { timeout: 2000 }).toEqual(['pending', 'done'])
  const count = asked(shop)
  await pause(600)
  expect(asked(shop)).toBe(count)
})

test('it outlives a reload, and what is done is not asked about again', async () => {
  const { shop, auth, tab } = await anUpgradedMember()
  expect(auth.getGuestUpgrade()).toBe('pending')
  shop.browser.closeTabs()
  const reloaded = shop.reload(tab)
  await settled(reloaded.auth)
  shop.issuer.settings.upgrade = 'done'
  const { heard } = listen(reloaded.auth)
  await expect.poll(() => heard, { timeout: 2000 }).toEqual(['pending', 'done'])
  shop.browser.closeTabs()
  const count = asked(shop)
  const again = shop.reload(tab)
  await settled(again.auth)
  expect(listen(again.auth).heard).toEqual(['done'])
  await pause(300)
  expect(asked(shop)).toBe(count)
})

test('a renewal does not unhear it', async () => {
  const { shop, auth, tab } = await anUpgradedMember()
  shop.issuer.settings.upgrade = 'done'
  await expect.poll(() => listen(auth).heard.at(-1), { timeout: 2000 }).toBe('done')
  shop.browser.closeTabs()
  const reloaded = shop.reload(tab)
  await reloaded.auth.getAccessToken()
  expect(reloaded.auth.getGuestUpgrade()).toBe('done')
})

test('nothing is asked while nobody listens', async () => {
  const { shop, auth } = await anUpgradedMember()
  await pause(300)
  expect(asked(shop)).toBe(0)
  const { stop } = listen(auth)
  await expect.poll(() => asked(shop), { timeout: 2000 }).toBeGreaterThan(0)
  stop()
  await pause(400)
  const count = asked(shop)
  await pause(600)
  expect(asked(shop)).toBe(count)
})

test('other tabs hear of it', async () => {
  const { shop, auth } = await anUpgradedMember()
  const second = shop.open(home)
  await settled(second.auth)
  const heard = [listen(auth).heard, listen(second.auth).heard]
  shop.issuer.settings.upgrade = 'done'
  await expect
    .poll(() => heard, { timeout: 3000 })
    .toEqual([
      ['pending', 'done'],
      ['pending', 'done'],
    ])
})

test('a tab in the background asks nothing until it is looked at', async () => {
  const { shop, auth, tab } = await anUpgradedMember()
  tab.isHidden = true
  listen(auth)
  await pause(500)
  expect(asked(shop)).toBe(0)
  tab.isHidden = false
  tab.wake('visible')
  await expect.poll(() => asked(shop), { timeout: 2000 }).toBeGreaterThan(0)
})

test('failed ends the asking; a later page asks once more', async () => {
  const { shop, auth, tab } = await anUpgradedMember()
  shop.issuer.settings.upgrade = 'failed'
  const { heard } = listen(auth)
  await expect.poll(() => heard, { timeout: 2000 }).toEqual(['pending', 'failed'])
  const count = asked(shop)
  await pause(600)
  expect(asked(shop)).toBe(count)
  shop.browser.closeTabs()
  const reloaded = shop.reload(tab)
  await settled(reloaded.auth)
  shop.issuer.settings.upgrade = 'done'
  const later = listen(reloaded.auth).heard
  await expect.poll(() => later, { timeout: 2000 }).toEqual(['failed', 'done'])
})

test('an issuer that is away is asked again', async () => {
  const { shop, auth } = await anUpgradedMember()
  const { heard } = listen(auth)
  shop.issuer.settings.isOffline = true
  await pause(500)
  shop.issuer.settings.isOffline = false
  shop.issuer.settings.upgrade = 'done'
  await expect.poll(() => heard, { timeout: 4000 }).toEqual(['pending', 'done'])
})

test('who never was a guest, and who is one, is none, without a request', async () => {
  const shop = await aShop({ nonces: false }, { guest: true })
  const guest = shop.open(home)
  await settled(guest.auth)
  expect(listen(guest.auth).heard).toEqual(['none'])
  const without = await aShop()
  const { auth } = await without.signIn()
  expect(listen(auth).heard).toEqual(['none'])
  await pause(300)
  expect(asked(shop) + asked(without)).toBe(0)
})

test('signing out ends it', async () => {
  const { shop, auth } = await anUpgradedMember()
  const { heard } = listen(auth)
  await auth.signOut({ scope: 'app' })
  expect(heard).toEqual(['pending', 'none'])
  await pause(300)
  const count = asked(shop)
  await pause(500)
  expect(asked(shop)).toBe(count)
})
