import { errors, type KoaContextWithOIDC } from 'oidc-provider'

/** The answer posted to the page around a frame (OAuth 2.0 Web Message Response Mode). */
export const WEB_MESSAGE = 'web_message'

/**
 * Nobody may frame a page of ours, so only `prompt=none`, which never shows one, can be answered this way.
 *
 * @throws `invalid_request`, by way of the address: in a window of its own a message would reach nobody
 */
export function checkWebMessage({ oidc }: KoaContextWithOIDC, mode: string | undefined): void {
  if (mode !== WEB_MESSAGE || oidc.prompts.has('none')) return
  Object.assign(oidc.params ?? {}, { response_mode: undefined })
  throw new errors.InvalidRequest('response_mode=web_message goes with prompt=none only')
}

/**
 * Lets the app that asked frame its answer, and nobody else: the engine posts it to the origin of the registered address
 * (RFC 9700 section 4.17), but takes off what says who may frame it.
 */
export async function letAppFrameItsAnswer(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next()
  const policy = ctx.response.get('content-security-policy')
  if (policy === '' || policy.includes('frame-ancestors')) return
  const { redirect_uri: address } = (ctx.oidc.params ?? {}) as { redirect_uri?: string }
  const allowed = address === undefined ? "'none'" : new URL(address).origin
  ctx.set('content-security-policy', `${policy.split(';').join('; ')}; frame-ancestors ${allowed}`)
}
