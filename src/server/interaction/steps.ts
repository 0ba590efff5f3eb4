import type { UnknownObject } from 'oidc-provider'
import type { InteractionStep } from '../../contract/interaction.ts'
import type { StepError } from '../../contract/page-state.ts'
import { saveGrant, scopesToConsent } from '../engine/consent.ts'
import { readCookie } from '../http/read-cookie.ts'
import { grantConsent } from '../store/consents.ts'
import { checkCredentials, type Refusal } from '../users/check-credentials.ts'
import { finish, finishSignIn } from './finish-sign-in.ts'
import { clientOf, requestedScopes } from './interactions.ts'
import { askingForSignIn, restartAddress } from './restart.ts'
import { pageFor, signInPage } from './step-pages.ts'
import { audit, type StepOutcome, type StepRequest } from './step-request.ts'
import { forgetError, forgetUpstream, goUpstream } from './upstream-steps.ts'

export async function takeStep(request: StepRequest, step: InteractionStep): Promise<StepOutcome> {
  if (step.step === 'switch-account') return switchAccount(request)
  // A page from another tab or from before the last step: show where this interaction stands.
  const isConsent = request.interaction.prompt.name === 'consent'
  if (isConsent !== (step.step === 'consent')) return { state: await pageFor(request.context, request.interaction) }
  switch (step.step) {
    case 'sign-in':
      return signIn(request, step)
    case 'upstream':
      return goUpstream(request, step.upstream)
    case 'forget-upstream':
      return forgetUpstream(request)
    case 'consent':
      return decideConsent(request, step.decision)
  }
}

async function signIn(
  request: StepRequest,
  { username, password }: { username: string; password: string },
): Promise<StepOutcome> {
  const { connect } = await forgetError(request)
  const again = (error: StepError) => ({
    state: signInPage(request.context, request.interaction, { username, error, connect }),
  })
  if (username.trim() === '') return again({ code: 'missing-username' })
  if (password === '') return again({ code: 'missing-password' })
  const { context, interaction, req, origin } = request
  const { tenant, browsers } = context
  const browser = browsers.read(readCookie(req.headers.cookie, browsers.name))
  const clientId = clientOf(context, interaction).client_id
  const verdict = await checkCredentials(tenant, { name: username, password, clientId, browser, ...origin })
  if (verdict.outcome === 'wrong') return again({ code: 'wrong-credentials' })
  if (verdict.outcome === 'disabled') return again({ code: 'account-disabled' })
  if (verdict.outcome !== 'right') return again(waitBeforeNext(verdict))
  const redirectTo = await finishSignIn(request, verdict.user, { amr: verdict.amr })
  return { redirectTo, setCookie: browsers.remember(browser, verdict.user.id) }
}

function waitBeforeNext({ outcome, retryAfterSeconds }: Refusal): StepError {
  return { code: outcome === 'paused' ? 'too-many-attempts' : 'busy', retryAfterSeconds }
}

async function decideConsent(request: StepRequest, decision: 'allow' | 'deny'): Promise<StepOutcome> {
  const { context, interaction } = request
  const { tenant, provider } = context
  const accountId = interaction.session?.accountId ?? ''
  if (decision === 'deny') {
    await audit(request, 'consent.denied', accountId)
    return {
      redirectTo: await finish(request, { error: 'access_denied', error_description: 'the person denied the request' }),
    }
  }
  const clientId = clientOf(context, interaction).client_id
  const scopes = requestedScopes(interaction)
  const { store } = tenant.services
  const now = Date.now()
  const grant = await store.transaction(async (tx) => {
    // Only what the page could show: a word that becomes a role later must not have been allowed unseen.
    const scope = scopesToConsent(tenant, scopes)
    await grantConsent(tx, { tenant: tenant.id, userId: accountId, clientId, scope }, now)
    await audit(request, 'consent.granted', accountId)
    return saveGrant(provider, tenant, { accountId, clientId, scopes })
  })
  return { redirectTo: await finish(request, { consent: { grantId: grant.jti } }) }
}

/** "Not you?": the same request again, asking for a sign-in whoever is signed in. */
async function switchAccount({ context, interaction }: StepRequest): Promise<StepOutcome> {
  const { continued: _shown, login_hint: _other, ...params } = interaction.params as UnknownObject
  return { redirectTo: await restartAddress(context, askingForSignIn(params)) }
}
