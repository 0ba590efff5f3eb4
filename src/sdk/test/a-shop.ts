import type { Auth } from '../browser/auth.ts'
import { type AuthOptions, resolveOptions } from '../browser/options.ts'
import { startAuth } from '../browser/start-auth.ts'
import { type ABrowser, type ATab, aBrowser } from './a-browser.ts'
import { type AnIssuer, anIssuer, clientId, issuerAddress, redirectUri } from './an-issuer.ts'

/** A client in a tab. */
export interface OpenShop {
  auth: Auth
  tab: ATab
}

/** An issuer, a browser, and the SDK in its tabs. */
export async function aShop(settings: Parameters<typeof anIssuer>[0] = {}, options: Partial<AuthOptions> = {}) {
  const issuer = await anIssuer(settings)
  const browser = aBrowser()
  const open = (address: string | URL): OpenShop => openShop(address, { issuer, browser, options })
  return {
    issuer,
    browser,
    open,
    /** Loads the page of a tab again. */
    reload: (tab: ATab): OpenShop => clientIn(browser.openTab(tab.address, issuer.fetch, tab.tabStorage), options),
    /** Signs in from a page, all the way back. */
    async signIn(from = 'https://shop.example/products/kettle?color=red#reviews', sub = 'ada-1'): Promise<OpenShop> {
      const back = issuer.authorize(await leave(open(from)), { sub })
      // The page it began on is gone by now.
      browser.closeTabs()
      const shop = open(back)
      await settled(shop.auth)
      return shop
    },
  }
}

/** Opens a page of the shop with a client on it. */
export function openShop(
  address: string | URL,
  { issuer, browser, options = {} }: { issuer: AnIssuer; browser: ABrowser; options?: Partial<AuthOptions> },
): OpenShop {
  return clientIn(browser.openTab(address, issuer.fetch), options)
}

/** Makes a client in a tab, which may have one already. */
export function clientIn(tab: ATab, options: Partial<AuthOptions> = {}): OpenShop {
  const auth = startAuth(resolveOptions({ issuer: issuerAddress, clientId, redirectUri, ...options }), tab.env)
  return { auth, tab }
}

/** Presses Sign in; the address of the portal it leads to. */
export async function leave({ auth, tab }: OpenShop, options?: Parameters<Auth['signIn']>[0]): Promise<URL> {
  await settled(auth)
  await auth.signIn(options)
  return tab.left.at(-1) as URL
}

/** Waits until it is known who is here. */
export function settled(auth: Auth): Promise<void> {
  return until(auth, (state) => state.status !== 'loading')
}

/** Waits for a state. */
export function until(auth: Auth, isReached: (state: ReturnType<Auth['getState']>) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isReached(auth.getState())) return
      stop()
      resolve()
    }
    const stop = auth.subscribe(look)
    look()
  })
}
