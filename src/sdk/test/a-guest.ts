import type { AuthOptions } from '../browser/options.ts'
import { aShop, type OpenShop, settled } from './a-shop.ts'
import { type AnIssuer, guestGrant } from './an-issuer.ts'

export const home = 'https://shop.example/'

/** A shop whose visitors are guests. */
export const aGuestShop = (settings: Parameters<typeof aShop>[0] = {}, options: Partial<AuthOptions> = {}) =>
  aShop({ nonces: false, ...settings }, { guest: true, ...options })

export type AGuestShop = Awaited<ReturnType<typeof aGuestShop>>

/** Opens the shop and waits for the guest. */
export async function aGuest(shop: AGuestShop) {
  const opened = shop.open(home)
  await settled(opened.auth)
  return { ...opened, ...guestIn(opened) }
}

/** The guest who is here. */
export function guestIn({ auth }: OpenShop): { sub: string; sessionId: string } {
  const state = auth.getState()
  if (state.status !== 'guest') throw new Error(`no guest but ${JSON.stringify(state)}`)
  return { sub: state.sub, sessionId: state.sessionId }
}

/** What is kept in the browser, as text. */
export async function kept({ browser }: AGuestShop): Promise<string> {
  return JSON.stringify(await browser.sessions.values().next().value?.read())
}

export const guestsMade = (issuer: AnIssuer) => issuer.countOf(guestGrant)
export const countOf = ({ issuer }: AGuestShop, path: string) =>
  issuer.requests.filter((one) => one.path === path).length
