import { setTimeout as sleep } from 'node:timers/promises'
import type { ElementHandle, Page } from 'puppeteer-core'
import type { Person } from '../shop.ts'

const longestMs = 15_000

/** Somebody in Firefox: reads words, presses what is named, fills in what is labelled. Works without the page's scripts. */
export class Visitor {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async open(address: string): Promise<void> {
    await this.page.goto(address)
  }

  /** Waits until the page shows a text. */
  async sees(text: string): Promise<void> {
    await this.#until(`"${text}" on the page`, async () => (await this.text()).includes(text))
  }

  /** Waits until the page shows it no longer. */
  async seesNoMore(text: string): Promise<void> {
    await this.#until(`no more "${text}" on the page`, async () => !(await this.text()).includes(text))
  }

  /** Waits until the page is at an address. */
  async isAt(address: string): Promise<void> {
    await this.#until(address, async () => this.page.url() === address)
  }

  /** Waits until the page is at an address that begins so. */
  async comesTo(beginning: string): Promise<void> {
    await this.#until(`${beginning}…`, async () => this.page.url().startsWith(beginning))
  }

  /** Another tab of the same browser. */
  async newTab(): Promise<Visitor> {
    return new Visitor(await this.page.browserContext().newPage())
  }

  /** Presses the button, link or choice of this name. */
  async press(name: string): Promise<void> {
    await this.#act(name, buttonNamed, async (element) => {
      const { x, y } = await element.evaluate(middleOf)
      await this.page.mouse.click(x, y)
    })
  }

  async fill(label: string, text: string): Promise<void> {
    await this.#act(label, fieldLabelled, (element) => element.type(text))
  }

  async signIn({ username, password }: Person): Promise<void> {
    await this.fill('Username or email', username)
    await this.fill('Password', password)
    await this.press('Sign in')
  }

  /** What a person can read on the page now. */
  async text(): Promise<string> {
    return this.page.evaluate(() => document.body?.innerText ?? '').catch(() => '')
  }

  /** Pages change under the hand that reaches for them: then it reaches again. */
  async #act(
    name: string,
    find: (name: string) => Element | null,
    act: (element: ElementHandle<Element>) => Promise<void>,
  ): Promise<void> {
    await this.#until(`"${name}"`, async () => {
      const handle = await this.page.evaluateHandle(find, name)
      const element = handle.asElement() as ElementHandle<Element> | null
      if (element) await act(element)
      return element !== null
    })
  }

  async #until(what: string, isReached: () => Promise<boolean>): Promise<void> {
    const givingUp = Date.now() + longestMs
    while (!(await isReached().catch(() => false))) {
      if (Date.now() > givingUp) throw new Error(`waited for ${what}; at ${this.page.url()} is: ${await this.text()}`)
      await sleep(50)
    }
  }
}

/** Runs in the page. */
function buttonNamed(name: string): Element | null {
  const nameOf = (element: Element) => (element.getAttribute('aria-label') ?? element.textContent ?? '').trim()
  const isThere = (element: Element) => element.checkVisibility() && !element.matches(':disabled')
  const candidates = [...document.querySelectorAll('button, a[href], label:has(input[type=radio])')]
  return candidates.find((element) => nameOf(element).startsWith(name) && isThere(element)) ?? null
}

/** Runs in the page; the driver's own click waits for scripts. */
function middleOf(element: Element): { x: number; y: number } {
  element.scrollIntoView({ block: 'center', behavior: 'instant' })
  const { x, y, width, height } = element.getBoundingClientRect()
  return { x: x + width / 2, y: y + height / 2 }
}

/** Runs in the page. */
function fieldLabelled(label: string): Element | null {
  const found = [...document.querySelectorAll('label')].find(({ textContent }) => textContent?.trim() === label)
  return found?.control ?? null
}
