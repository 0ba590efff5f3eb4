import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'

/** Makes the browser refuse cookies of other sites, as more and more do by themselves. */
export async function blockThirdPartyCookies(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCookieControls', { enableThirdPartyCookieRestriction: true })
}

/** What trying cookies takes of a page, whoever drives the browser. */
interface AnyPage {
  goto(address: string): Promise<unknown>
  evaluate(work: (address: string) => Promise<string>, address: string): Promise<string>
}

/** Tries whether a server is sent the cookie it once set, by a page of its own site and by one of another. */
export async function tryCookies(page: AnyPage): Promise<{ ofOwnSite: boolean; ofOtherSite: boolean }> {
  const server = createServer(({ url, headers }, response) => {
    response.setHeader('access-control-allow-origin', headers.origin ?? '*')
    response.setHeader('access-control-allow-credentials', 'true')
    if (url === '/set') response.setHeader('set-cookie', 'probe=1; SameSite=None; Secure')
    response.end(headers.cookie ?? '')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const origin = `http://localhost:${port}`
  await page.goto(`${origin}/set`)
  const isSent = (from: string) => comesBack(page, from, origin)
  const result = { ofOtherSite: await isSent(`http://shop.localhost:${port}`), ofOwnSite: await isSent(origin) }
  server.close()
  return result
}

async function comesBack(page: AnyPage, from: string, server: string): Promise<boolean> {
  await page.goto(`${from}/`)
  const cookie = await page.evaluate(async (address) => {
    return (await fetch(`${address}/get`, { credentials: 'include' })).text()
  }, server)
  return cookie === 'probe=1'
}
