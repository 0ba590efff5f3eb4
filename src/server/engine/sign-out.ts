import type { KoaContextWithOIDC } from 'oidc-provider'
import type { SignedOutPage, SignOutPage } from '../../contract/page-state.ts'
import { clientView, homeClient, personView, tenantView } from '../pages/views.ts'
import { listClientsSignedIn } from '../store/families.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { PersonAccount } from './accounts.ts'
import { accountFinder } from './accounts.ts'
import { endSession } from './internals.ts'
import { endEverywhereFor, isOfLiveLogin } from './sign-out-everywhere.ts'
import { isEverywhere, requestedScope, type SignOutScope } from './sign-out-scope.ts'

/**
 * RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0): no question when the ID token hint is the signed-in
 * person's own, else one in the portal's look, so that a link on a stranger's page can't sign anybody out.
 */
export function askBeforeSignOut(tenant: Tenant) {
  return async (ctx: KoaContextWithOIDC): Promise<void> => {
    const scope = requestedScope(ctx)
    if (hintMatchesSession(ctx) && (scope === 'browser' || (await isOfLiveLogin(tenant, ctx)))) {
      return endSessionOf(ctx, scope)
    }
    const page = tenant.services.pages.render(await signOutPage(ctx, tenant, scope), { formTargets: formTargets(ctx) })
    ctx.set(page.headers)
    ctx.body = page.html
  }
}

/** Where the engine would answer with a page that submits itself, there is nothing to ask: the session ends at once. */
export function answerSignOut(tenant: Tenant) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next()
    if (!ctx.oidc) return
    if (isAnsweredAlready(ctx)) return showSignedOut(ctx)
    if (ctx.status === 200 && isSignedInAsSomebodyElse(ctx)) await endSessionOf(ctx, 'browser')
    if (ctx.status === 200 && isSignedOutAlready(ctx)) await signOutAgain(ctx, tenant)
    if (isEverywhere(ctx)) nameScope(ctx)
  }
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

/** Nobody is signed in in this browser: whose other sessions were meant, only a login that still lives can say. */
async function signOutAgain(ctx: KoaContextWithOIDC, tenant: Tenant): Promise<void> {
  if (requestedScope(ctx) === 'browser') return endSessionOf(ctx, 'browser')
  if (!(await isOfLiveLogin(tenant, ctx))) return showPage(ctx, tenant, { elsewhere: 'unchanged' })
  await endEverywhereFor(tenant, ctx)
  await endSessionOf(ctx, 'everywhere')
}

/** The page after it should say what has ended. */
function nameScope(ctx: KoaContextWithOIDC): void {
  const address = ctx.response.get('location')
  if (address === ctx.oidc.urlFor('end_session_success')) ctx.redirect(`${address}?logout_scope=everywhere`)
}

/** Signed out, and the app named no address to go back to. */
export function confirmSignedOut(tenant: Tenant) {
  return (ctx: KoaContextWithOIDC): void =>
    showPage(ctx, tenant, requestedScope(ctx) === 'everywhere' ? { elsewhere: 'ended' } : {})
}

function showPage(ctx: KoaContextWithOIDC, tenant: Tenant, said: Pick<SignedOutPage, 'elsewhere'>): void {
  const client = tenant.clients.get(ctx.oidc.client?.clientId ?? '') ?? homeClient(tenant)
  const page = tenant.services.pages.render({
    page: 'signed-out',
    tenant: tenantView(tenant),
    ...(client && { client: clientView(client) }),
    ...said,
  })
  ctx.set(page.headers)
  ctx.body = page.html
}

function hintMatchesSession(ctx: KoaContextWithOIDC): boolean {
  const hint = ctx.oidc.entities.IdTokenHint?.payload as { sub?: string } | undefined
  return hint?.sub !== undefined && hint.sub === ctx.oidc.session?.accountId
}

async function endSessionOf(ctx: KoaContextWithOIDC, scope: SignOutScope): Promise<void> {
  const { oidc } = ctx as { oidc: { params?: Record<string, unknown> } }
  oidc.params = Object.assign(oidc.params ?? {}, { logout: scope })
  await endSession(ctx)
}

async function signOutPage(ctx: KoaContextWithOIDC, tenant: Tenant, scope: SignOutScope): Promise<SignOutPage> {
  const { session, client } = ctx.oidc
  const account = (await accountFinder(tenant)(ctx, session?.accountId ?? '')) as PersonAccount | undefined
  const config = tenant.clients.get(client?.clientId ?? '') ?? homeClient(tenant)
  const { secret } = (session as unknown as { state: { secret: string } }).state
  return {
    page: 'sign-out',
    tenant: tenantView(tenant),
    action: `${tenant.path}/logout/confirm`,
    fields: { xsrf: secret },
    scope,
    apps: await namesOfApps(ctx, tenant, scope),
    ...(scope === 'browser' && { widen: everywhereAddress(ctx, tenant) }),
    ...(config && { client: clientView(config) }),
    ...(account && { person: personView(account.user) }),
  }
}

/** What will end, by the names people know. */
async function namesOfApps(ctx: KoaContextWithOIDC, tenant: Tenant, scope: SignOutScope): Promise<string[]> {
  const { uid: sessionUid = '', accountId: userId = '' } = ctx.oidc.session ?? {}
  const whose = { tenant: tenant.id, userId, ...(scope === 'browser' && { sessionUid }) }
  const clientIds = await listClientsSignedIn(tenant.services.store.db, whose, Date.now())
  return clientIds.flatMap((clientId) => tenant.clients.get(clientId)?.client_name ?? []).toSorted()
}

/** The same request, about every browser; a hint has proven nothing. */
function everywhereAddress({ oidc: { params = {}, client } }: KoaContextWithOIDC, { path }: Tenant): string {
  const { id_token_hint: _hint, ...kept } = params as Record<string, string | undefined>
  const given = Object.entries({ ...kept, client_id: client?.clientId }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return `${path}/logout?${new URLSearchParams([...given, ['logout_scope', 'everywhere']])}`
}

function formTargets(ctx: KoaContextWithOIDC): string[] {
  const { post_logout_redirect_uri: address } = (ctx.oidc.params ?? {}) as { post_logout_redirect_uri?: string }
  return address === undefined ? [] : [new URL(address).origin]
}
