import type { KoaContextWithOIDC } from 'oidc-provider'
import type { SignOutPage } from '../../contract/page-state.ts'
import { clientView, homeClient, personView, tenantView } from '../pages/views.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { PersonAccount } from './accounts.ts'
import { accountFinder } from './accounts.ts'
import { endSession } from './internals.ts'

/**
 * RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0): no question when the ID token hint is the signed-in
 * person's own, else one in the portal's look, so that a link on a stranger's page can't sign anybody out.
 */
export function askBeforeSignOut(tenant: Tenant) {
  return async (ctx: KoaContextWithOIDC): Promise<void> => {
    if (hintMatchesSession(ctx)) return endSessionOf(ctx)
    const page = tenant.services.pages.render(await signOutPage(ctx, tenant), { formTargets: formTargets(ctx) })
    ctx.set(page.headers)
    ctx.body = page.html
  }
}

/** Where the engine would answer with a page that submits itself, there is nothing to ask: the session ends at once. */
export async function answerSignOut(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next()
  if (!ctx.oidc) return
  if (isAnsweredAlready(ctx)) return showSignedOut(ctx)
  if (ctx.status === 200 && (isSignedOutAlready(ctx) || isSignedInAsSomebodyElse(ctx))) await endSessionOf(ctx)
}

function showSignedOut(ctx: KoaContextWithOIDC): void {
  ctx.status = 303
  ctx.redirect(ctx.oidc.urlFor('end_session_success'))
}

/** The answer sent twice, or after another tab signed out: what was asked for is so. */
function isAnsweredAlready({ oidc, status }: KoaContextWithOIDC): boolean {
  return oidc.route === 'end_session_confirm' && status === 400 && oidc.session?.accountId === undefined
}

function isSignedOutAlready({ oidc: { route, session } }: KoaContextWithOIDC): boolean {
  return route === 'end_session' && session?.accountId === undefined
}

/** A sign-in comes back to find that another tab has signed in another person meanwhile: that one makes room. */
function isSignedInAsSomebodyElse({ oidc, path }: KoaContextWithOIDC): boolean {
  const { state } = (oidc.session ?? {}) as { state?: { postLogoutRedirectUri?: string } }
  return oidc.route === 'resume' && state?.postLogoutRedirectUri?.endsWith(path) === true
}

/** Signed out, and the app named no address to go back to. */
export function confirmSignedOut(tenant: Tenant) {
  return (ctx: KoaContextWithOIDC): void => {
    const client = tenant.clients.get(ctx.oidc.client?.clientId ?? '') ?? homeClient(tenant)
    const page = tenant.services.pages.render({
      page: 'signed-out',
      tenant: tenantView(tenant),
      ...(client && { client: clientView(client) }),
    })
    ctx.set(page.headers)
    ctx.body = page.html
  }
}

function hintMatchesSession(ctx: KoaContextWithOIDC): boolean {
  const hint = ctx.oidc.entities.IdTokenHint?.payload as { sub?: string } | undefined
  return hint?.sub !== undefined && hint.sub === ctx.oidc.session?.accountId
}

async function endSessionOf(ctx: KoaContextWithOIDC): Promise<void> {
  const { oidc } = ctx as { oidc: { params?: Record<string, unknown> } }
  oidc.params = Object.assign(oidc.params ?? {}, { logout: 'yes' })
  await endSession(ctx)
}

async function signOutPage(ctx: KoaContextWithOIDC, tenant: Tenant): Promise<SignOutPage> {
  const { session, client } = ctx.oidc
  const account = (await accountFinder(tenant)(ctx, session?.accountId ?? '')) as PersonAccount | undefined
  const config = tenant.clients.get(client?.clientId ?? '') ?? homeClient(tenant)
  const { secret } = (session as unknown as { state: { secret: string } }).state
  return {
    page: 'sign-out',
    tenant: tenantView(tenant),
    action: `${tenant.path}/logout/confirm`,
    fields: { xsrf: secret },
    ...(config && { client: clientView(config) }),
    ...(account && { person: personView(account.user) }),
  }
}

function formTargets(ctx: KoaContextWithOIDC): string[] {
  const { post_logout_redirect_uri: address } = (ctx.oidc.params ?? {}) as { post_logout_redirect_uri?: string }
  return address === undefined ? [] : [new URL(address).origin]
}
