import type { errors, KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { AuditEvent } from '../audit/audit.ts'
import { UNAVAILABLE_RETRY_SECONDS } from '../http/problems.ts'
import { isUnavailable } from '../store/unavailable.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { requestOrigin } from './grants/grant-request.ts'

/** Tells the audit and the log what the engine refused or failed at; what succeeds is recorded where it is decided. */
export function observeEngine(provider: Provider, tenant: Tenant): void {
  const refused = (event: AuditEvent) => (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
    const { log } = tenant.services
    const { client } = ctx.oidc
    const fields = {
      tenant: tenant.id,
      event,
      client_id: client?.clientId,
      error: error.error,
      reason: error.error_detail,
    }
    log.info({ ...fields, ...requestOrigin(ctx) }, 'refused')
  }
  provider.on('grant.error', refused('token.refused'))
  provider.on('authorization.error', refused('authorization.refused'))
  provider.on('pushed_authorization_request.error', refused('authorization.refused'))
  provider.on('revocation.error', refused('token.refused'))
  provider.on('introspection.error', refused('token.refused'))
  provider.on('server_error', (ctx, error) => {
    tenant.services.log.error({ err: error, ...requestOrigin(ctx) }, 'engine failed')
    if (isUnavailable(error)) answerUnavailable(ctx)
  })
  provider.on('authorization.success', (ctx, answer) => {
    // RFC 9207: in every answer, also where the engine leaves it to the ID token.
    if (answer) answer.iss = ctx.oidc.provider.issuer
  })
}

/** The database is away for a moment: nothing was written, and the same request may succeed later (RFC 6749 section 4.1.2.1). */
function answerUnavailable(ctx: KoaContextWithOIDC): void {
  ctx.status = 503
  ctx.set('retry-after', String(UNAVAILABLE_RETRY_SECONDS))
  const isOAuthJson = typeof ctx.body === 'object' && ctx.body !== null
  if (isOAuthJson) ctx.body = { error: 'temporarily_unavailable', error_description: 'try again in a moment' }
}
