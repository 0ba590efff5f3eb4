import type { errors, KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { AuditEntry, AuditEvent } from '../audit/audit.ts'
import { UNAVAILABLE_RETRY_SECONDS } from '../http/problems.ts'
import { isUnavailable } from '../store/unavailable.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { keepOrTell } from './keep-or-tell.ts'
import { requestOrigin } from './request-origin.ts'
import { isEverywhere } from './sign-out-scope.ts'

/** Tells the audit what the engine refused or ended; what a grant gives is recorded where it is decided. */
export function observeEngine(provider: Provider, tenant: Tenant): void {
  const entries = new WeakMap<KoaContextWithOIDC, AuditEntry>()
  const refused = (event: AuditEvent) => (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
    entries.set(ctx, refusal(error.error === 'invalid_client' ? 'client.refused' : event, ctx, error))
  }
  provider.on('authorization.error', refused('authorization.refused'))
  provider.on('pushed_authorization_request.error', refused('authorization.refused'))
  provider.on('revocation.error', refused('token.refused'))
  provider.on('userinfo.error', refused('token.refused'))
  provider.on('end_session.success', (ctx) => {
    if (!endsSession(ctx)) return
    const entry = about(ctx.oidc.route === 'resume' ? 'session.ended' : 'sign-out', ctx)
    entries.set(ctx, isEverywhere(ctx) ? { ...entry, detail: { scope: 'everywhere' } } : entry)
  })
  provider.on('server_error', (ctx, error) => {
    tenant.services.log.error({ err: error, ...requestOrigin(ctx) }, 'engine failed')
    if (isUnavailable(error)) answerUnavailable(ctx)
  })
  provider.on('authorization.success', (ctx, answer) => {
    // RFC 9207: in every answer, also where the engine leaves it to the ID token.
    if (answer) answer.iss = ctx.oidc.provider.issuer
  })
  provider.use(async (ctx, next) => {
    await next()
    const context = ctx as KoaContextWithOIDC
    const entry = entries.get(context) ?? revocation(context)
    if (entry) await keepOrTell(tenant, entry)
  })
}

function about(event: AuditEvent, ctx: KoaContextWithOIDC): AuditEntry {
  const { client, session, account } = ctx.oidc
  return { event, userId: account?.accountId ?? session?.accountId, clientId: client?.clientId, ...requestOrigin(ctx) }
}

function refusal(event: AuditEvent, ctx: KoaContextWithOIDC, error: errors.OIDCProviderError): AuditEntry {
  return { ...about(event, ctx), detail: { error: error.error, reason: error.error_detail ?? error.error_description } }
}

/** The answer to a sign-out may also be no. */
function endsSession({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.session?.accountId !== undefined && Boolean(oidc.params?.logout)
}

/** RFC 7009: a token of another client is left alone, and so is one nobody knows; both are answered alike. */
function revocation(ctx: KoaContextWithOIDC): AuditEntry | undefined {
  if (ctx.oidc?.route !== 'revocation' || ctx.status !== 200) return undefined
  const { client, entities } = ctx.oidc
  const token = entities.RefreshToken ?? entities.AccessToken
  if (!token || token.clientId !== client?.clientId) return undefined
  return { ...about('token.revoked', ctx), userId: token.accountId }
}

/** The database is away for a moment: nothing was written, and the same request may succeed later (RFC 6749 section 4.1.2.1). */
function answerUnavailable(ctx: KoaContextWithOIDC): void {
  ctx.status = 503
  ctx.set('retry-after', String(UNAVAILABLE_RETRY_SECONDS))
  const isOAuthJson = typeof ctx.body === 'object' && ctx.body !== null
  if (isOAuthJson) ctx.body = { error: 'temporarily_unavailable', error_description: 'try again in a moment' }
}
