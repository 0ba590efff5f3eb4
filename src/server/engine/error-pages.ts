import { type ErrorOut, errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { ProblemCode } from '../../contract/page-state.ts'
import type { ClientConfig } from '../config/schema.ts'
import { problemPage } from '../pages/views.ts'
import { isUnavailable } from '../store/unavailable.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { requestOrigin } from './request-origin.ts'

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
    showProblem(ctx, tenant, { problem: problemOf(ctx, error), client })
  }
}

/** What fails beyond the engine's own error handling, such as saving the session after an answer; never a plain text. */
export function answerEngineFailure(tenant: Tenant) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    try {
      await next()
    } catch (error) {
      tenant.services.log.error({ err: error, ...requestOrigin(ctx) }, 'engine failed')
      // The engine has told of the failure behind this one.
      if (ctx.status >= 500 && ctx.body) return
      ctx.status = 500
      // A redirect made before the failure carries the answer that failed.
      ctx.remove('location')
      if (ctx.accepts('json', 'html') === 'html') showProblem(ctx, tenant, { problem: 'failed' })
      else ctx.body = { error: 'server_error', error_description: 'something went wrong here' }
    }
  }
}

function showProblem(
  ctx: KoaContextWithOIDC,
  tenant: Tenant,
  { problem, client }: { problem: ProblemCode; client?: ClientConfig | undefined },
): void {
  const { requestId } = requestOrigin(ctx)
  const page = tenant.services.pages.render(problemPage(problem, { tenant, client, requestId }))
  ctx.set(page.headers)
  ctx.body = page.html
}

function problemOf(ctx: KoaContextWithOIDC, error: Error): ProblemCode {
  if (isUnavailable(error)) return 'busy'
  if (!(error instanceof errors.OIDCProviderError)) return 'failed'
  if (ctx.oidc.route.startsWith('end_session')) return 'sign-out-invalid'
  if (error instanceof errors.InvalidRedirectUri) return 'redirect-unregistered'
  if (error instanceof errors.InvalidClient) return 'client-unknown'
  if (error instanceof errors.InvalidRequestUri) return 'request-expired'
  return error.status < 500 ? 'request-invalid' : 'failed'
}
