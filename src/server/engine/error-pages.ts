import { type ErrorOut, errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { ProblemCode } from '../../contract/page-state.ts'
import { problemPage } from '../pages/views.ts'
import { isUnavailable } from '../store/unavailable.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { requestOrigin } from './grants/grant-request.ts'

/** What a person is told about an error that must not, or can't, go back to the app (RFC 6749 section 4.1.2.1). */
export function renderEngineError(tenant: Tenant) {
  return (ctx: KoaContextWithOIDC, _out: ErrorOut, error: Error): void => {
    const interactionId = ctx.oidc.route === 'resume' ? ctx.path.split('/').pop() : undefined
    if (error instanceof errors.SessionNotFound && interactionId) {
      // The interaction's own address knows how to start over.
      ctx.status = 303
      ctx.redirect(`${tenant.path}/interaction/${encodeURIComponent(interactionId)}`)
      return
    }
    const client = tenant.clients.get(ctx.oidc.client?.clientId ?? '')
    const state = problemPage(problemOf(ctx, error), { tenant, client, requestId: requestOrigin(ctx).requestId })
    const page = tenant.services.pages.render(state)
    ctx.set(page.headers)
    ctx.body = page.html
  }
}

function problemOf(ctx: KoaContextWithOIDC, error: Error): ProblemCode {
  if (isUnavailable(error)) return 'busy'
  if (ctx.oidc.route.startsWith('end_session')) return 'sign-out-invalid'
  if (error instanceof errors.InvalidRedirectUri) return 'redirect-unregistered'
  if (error instanceof errors.InvalidClient) return 'client-unknown'
  if (error instanceof errors.InvalidRequestUri) return 'request-expired'
  if (error instanceof errors.OIDCProviderError && error.status < 500) return 'request-invalid'
  return 'failed'
}
