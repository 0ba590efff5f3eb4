import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KoaContextWithOIDC, Provider, UnknownObject } from 'oidc-provider'
import type { ClientConfig } from '../config/schema.ts'
import { findUsablePerson } from '../engine/accounts.ts'
import { cookieName } from '../engine/cookies.ts'
import { errors } from '../engine/engine-errors.ts'
import { loadSession } from '../engine/sessions.ts'
import { loadClient, type Tenant } from '../tenant/tenant.ts'
import type { Upstreams } from '../upstream/upstreams.ts'
import type { KnownBrowsers } from './known-browser.ts'
import { type RequestSealer, SEALED_REQUEST_TTL_SECONDS } from './sealed-request.ts'

export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

/** What the routes and steps of one tenant's interactions work with. */
export interface InteractionContext {
  tenant: Tenant
  provider: Provider
  sealer: RequestSealer
  browsers: KnownBrowsers
  upstreams: Upstreams
}

/** Ids the engine makes; anything else never was an interaction. */
export function isInteractionId(id: string): boolean {
  return /^[\w-]{20,64}$/.test(id)
}

export function interactionPath(tenant: Tenant, id: string): string {
  return `${tenant.path}/interaction/${id}`
}

/** The interaction a browser is in; nothing when it ended, was finished, or belongs to another browser or session. */
export async function findInteraction(
  context: InteractionContext,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Interaction | undefined> {
  const { provider } = context
  try {
    const interaction = await provider.interactionDetails(req, res)
    return (await isStillIn(context, interaction, req, res)) ? interaction : undefined
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined
    throw error
  }
}

/**
 * Whether the session an interaction was started in is this browser's, and its person may go on. The engine finds out
 * only after the last step, and would lead back to the same page for ever.
 */
async function isStillIn(
  { tenant, provider }: InteractionContext,
  { session, prompt }: Interaction,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<boolean> {
  if (session?.uid === undefined) return true
  const { uid } = await loadSession(provider, req, res)
  if (uid !== session.uid) return false
  return prompt.name !== 'consent' || (await findUsablePerson(tenant, session.accountId)) !== undefined
}

export function clientOf({ tenant }: InteractionContext, interaction: Interaction): ClientConfig {
  return loadClient(tenant, String(interaction.params.client_id))
}

/** Where the app wants its answer: the forms of a page may lead there. */
export function answerOrigin(interaction: Interaction): string[] {
  const address = interaction.params.redirect_uri
  return typeof address === 'string' ? [new URL(address).origin] : []
}

export function requestedScopes(interaction: Interaction): Set<string> {
  return new Set(
    String(interaction.params.scope ?? '')
      .split(' ')
      .filter(Boolean),
  )
}

/** A cookie of the interaction's own path that outlives the interaction: a plain reload sends no form field. */
export function sealedCookie(tenant: Tenant): string {
  return cookieName(tenant, 'request', '__Secure-')
}

/** Browsers drop cookies beyond 4,096 bytes, name and attributes included (RFC 6265 section 6.1). */
const COOKIE_VALUE_LIMIT = 3600

export function leaveSealedCookie(
  ctx: KoaContextWithOIDC,
  { tenant, sealer }: Pick<InteractionContext, 'tenant' | 'sealer'>,
  { uid, params }: { uid: string; params: UnknownObject },
): void {
  const sealed = sealer.seal(params)
  if (sealed.length > COOKIE_VALUE_LIMIT) return
  ctx.cookies.set(sealedCookie(tenant), sealed, {
    path: interactionPath(tenant, uid),
    httpOnly: true,
    sameSite: 'lax',
    secure: tenant.services.isHttps,
    signed: false,
    maxAge: SEALED_REQUEST_TTL_SECONDS * 1000,
  })
}
