import type { IncomingMessage } from 'node:http'
import { TokenError, type VerifiedToken, type Verifier } from '@portico/sdk/server'
import { WebhookVerificationError } from 'standardwebhooks'
import { type Answer, json, problem } from './answers.ts'
import type { CartLine, CartOwner, Carts } from './carts.ts'
import { guestUpgraded } from './guest-upgraded.ts'
import { products } from './products.ts'
import { BodyTooLarge, readBody } from './read-body.ts'

/** What the API needs besides the request. */
export interface ApiDeps {
  verifier: Verifier
  carts: Carts
  /** Signs what the portal tells us; without one nothing is believed. */
  webhookSecret: string | undefined
}

/** A request, with the address people reach us at. */
export interface ApiRequest {
  request: IncomingMessage
  url: URL
}

type Item = Pick<CartLine, 'product' | 'color'>

const mostOfOne = 20
const cartLine = /^\/api\/cart\/(?<slug>[a-z-]+)\/(?<color>[a-z-]+)$/

/** Answers requests to the API; undefined for addresses that are no part of it. */
export async function answerApi({ request, url }: ApiRequest, deps: ApiDeps): Promise<Answer | undefined> {
  const route = `${request.method === 'HEAD' ? 'GET' : request.method} ${url.pathname}`
  if (route === 'POST /webhooks/portico') return receiveEvent(request, deps)
  if (!url.pathname.startsWith('/api/')) return undefined
  const { pathname } = url
  if (pathname === '/api/products') return forHolder({ request, url }, deps, ['GET'], () => json(200, publicProducts))
  if (pathname === '/api/member-prices') return forHolder({ request, url }, deps, ['GET'], memberPrices)
  if (pathname === '/api/cart')
    return forHolder({ request, url }, deps, ['GET'], (token) => json(200, deps.carts.read(ownerOf(token))))
  const item = findItem(pathname)
  if (item) return forHolder({ request, url }, deps, ['PUT'], (token) => setLine(request, ownerOf(token), item, deps))
  return problem(404, 'There is nothing here')
}

const publicProducts = products.map(({ memberPrice: _own, ...everyone }) => everyone)

/** Answers whoever holds an access token, guest or member: the SDK says whether to believe it. */
async function forHolder(
  { request, url }: ApiRequest,
  { verifier }: ApiDeps,
  methods: string[],
  answer: (token: VerifiedToken) => Answer | Promise<Answer>,
): Promise<Answer> {
  const { method = '', headers } = request
  if (!methods.includes(method === 'HEAD' ? 'GET' : method))
    return problem(405, 'That is not possible here', { Allow: methods.join(', ') })
  try {
    // A DPoP proof names the whole address, and this shop has several names.
    return await answer(await verifier.verify({ method, url: url.href, headers }))
  } catch (error) {
    if (error instanceof TokenError) return problem(error.status, error.message, error.headers)
    if (error instanceof BodyTooLarge) return problem(413, 'That is more than fits', { Connection: 'close' })
    throw error
  }
}

/** A member's price for each product. */
function memberPrices({ guest }: VerifiedToken): Answer {
  if (guest) return problem(403, 'These prices are for members')
  return json(200, Object.fromEntries(products.map(({ slug, memberPrice }) => [slug, memberPrice])))
}

/** A cart belongs to a subject. Whoever holds the token of another sees an empty one, and nothing of this. */
function ownerOf({ sub, sessionId = '' }: VerifiedToken): CartOwner {
  return { sub, sessionId }
}

/** What a line of a cart is about, if the shop sells it. */
function findItem(pathname: string): Item | undefined {
  const { slug = '', color = '' } = cartLine.exec(pathname)?.groups ?? {}
  const product = products.find((one) => one.slug === slug)
  return product?.colors.some(({ name }) => name === color) ? { product: slug, color } : undefined
}

async function setLine(request: IncomingMessage, owner: CartOwner, item: Item, { carts }: ApiDeps): Promise<Answer> {
  const quantity = readQuantity(await readBody(request))
  if (quantity === undefined) return problem(400, `quantity must be a whole number from 0 to ${mostOfOne}`)
  carts.set(owner, { ...item, quantity })
  return json(200, carts.read(owner))
}

function readQuantity(body: string): number | undefined {
  try {
    const { quantity } = JSON.parse(body)
    return Number.isInteger(quantity) && quantity >= 0 && quantity <= mostOfOne ? quantity : undefined
  } catch {
    return undefined
  }
}

/** What the portal tells. Anything but 2xx makes it tell again later, so only what is wrong for good is answered. */
async function receiveEvent(request: IncomingMessage, { carts, webhookSecret }: ApiDeps): Promise<Answer> {
  if (webhookSecret === undefined) return problem(404, 'There is nothing here')
  try {
    const headers = request.headers as Record<string, string>
    guestUpgraded(carts.database, webhookSecret, await readBody(request), headers)
    return { status: 204 }
  } catch (error) {
    if (error instanceof WebhookVerificationError) return problem(401, 'This is not signed by our portal')
    if (error instanceof BodyTooLarge) return problem(413, 'That is more than fits', { Connection: 'close' })
    throw error
  }
}
