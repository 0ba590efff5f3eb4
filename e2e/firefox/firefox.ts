import puppeteer, { type Browser } from 'puppeteer-core'
import { findFirefox } from '../browser.ts'
import { Visitor } from './visitor.ts'

/** A Firefox whose visitors know nothing of each other. */
export interface Firefox {
  newVisitor(): Promise<Visitor>
  close(): Promise<void>
}

/** As Firefox comes out of the box, which the driver changes: cookies belong to the site of the page around. */
const totalCookieProtection = {
  'network.cookie.cookieBehavior': 5,
  'browser.contentblocking.features.standard': '-tp,tpPrivate,cookieBehavior5,-cryptoTP,-fp',
}

/** Starts Firefox over WebDriver BiDi, with scripts or without. */
export async function openFirefox({ withScripts = true } = {}): Promise<Firefox> {
  const browser: Browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: findFirefox(),
    headless: true,
    extraPrefsFirefox: { ...totalCookieProtection, 'javascript.enabled': withScripts },
  })
  return {
    async newVisitor() {
      const context = await browser.createBrowserContext()
      return new Visitor(await context.newPage())
    },
    close: () => browser.close(),
  }
}
