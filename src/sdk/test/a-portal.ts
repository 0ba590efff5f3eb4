import type { aShop } from './a-shop.ts'

type AShop = Awaited<ReturnType<typeof aShop>>

/** Lets the portal know somebody, or nobody, when it is asked in a hidden frame. */
export function portalKnows({ browser, issuer }: Pick<AShop, 'browser' | 'issuer'>, sub: string | undefined): void {
  browser.frames.answer = async (address) =>
    posted(issuer.authorize(address, sub ? { sub } : { error: 'login_required' }))
}

/** The answer in an address, as it is posted to the page around a frame. */
export function posted({ searchParams }: URL) {
  return { type: 'authorization_response', response: Object.fromEntries(searchParams) }
}
