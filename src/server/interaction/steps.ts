import type { IncomingMessage, ServerResponse } from 'node:http'
import type { UnknownObject } from 'oidc-provider'
import type { InteractionStep } from '../../contract/interaction.ts'
import type { PageState, StepError } from '../../contract/page-state.ts'
import type { AuditEntry, AuditEvent } from '../audit/audit.ts'
import { saveGrant, scopesToConsent } from '../engine/consent.ts'
import { loadSession } from '../engine/sessions.ts'
import { readCookie } from '../http/read-cookie.ts'
import { grantConsent } from '../store/consents.ts'
import type { UserRow } from '../store/tables.ts'
import { checkCredentials, type Refusal } from '../users/check-credentials.ts'
import {
  clientOf,
  type Interaction,
  type InteractionContext,
  pageFor,
  requestedScopes,
  signInPage,
} from './interactions.ts'
import { askingForSignIn, restartAddress } from './restart.ts'

/** Where a step leads: on to an address, or to a page that says what else is needed. */
export type StepOutcome = ({ redirectTo: string } | { state: PageState }) & { setCookie?: string }

export interface StepRequest {
  context: InteractionContext
  interaction: Interaction
  req: IncomingMessage
  res: ServerResponse
  origin: { ip: string; requestId: string }
}

export async function takeStep(request: StepRequest, step: InteractionStep): Promise<StepOutcome> {
  if (step.step === 'switch-account') return switchAccount(request)
  // A page from another tab or from before the last step: show where this interaction stands.
  const expected = request.interaction.prompt.name === 'consent' ? 'consent' : 'sign-in'
  if (step.step !== expected) return { state: await pageFor(request.context, request.interaction) }
  return step.step === 'sign-in' ? signIn(request, step) : decideConsent(request, step.decision)
}

async function signIn(
  request: StepRequest,
  { username, password }: { username: string; password: string },
): Promise<StepOutcome> {
  const again = (error: StepError) => ({ state: signInPage(request.context, request.interaction, { username, error }) })
  if (username.trim() === '') return again({ code: 'missing-username' })
  if (password === '') return again({ code: 'missing-password' })
  const { context, interaction, req, origin } = request
  const { tenant, browsers } = context
  const browser = browsers.read(readCookie(req.headers.cookie, browsers.name))
  const clientId = clientOf(context, interaction).client_id
  const verdict = await checkCredentials(tenant, { name: username, password, clientId, browser, ...origin })
  if (verdict.outcome === 'wrong') return again({ code: 'wrong-credentials' })
  if (verdict.outcome !== 'right') return again(waitBeforeNext(verdict))
  const redirectTo = await finishSignIn(request, verdict.user, verdict.amr)
  return { redirectTo, setCookie: browsers.remember(browser, verdict.user.id) }
}

function waitBeforeNext({ outcome, retryAfterSeconds }: Refusal): StepError {
  return { code: outcome === 'paused' ? 'too-many-attempts' : 'busy', retryAfterSeconds }
}

async function finishSignIn(request: StepRequest, user: UserRow, amr: string[]): Promise<string> {
  await endOtherPersonsSession(request, user)
  await audit(request, 'sign-in.succeeded', user.id)
  return finish(request, { login: { accountId: user.id, amr } })
}

/** One browser, one person: the one before is signed out, with all their apps here, before the next one is in. */
async function endOtherPersonsSession(request: StepRequest, user: UserRow): Promise<void> {
  const { context, interaction, req, res } = request
  // The session as it is now: another tab may have signed somebody in since this page was shown.
  const session = await loadSession(context.provider, req, res)
  if (session.accountId === undefined || session.accountId === user.id) return
  await session.destroy()
  await audit(request, 'session.ended', session.accountId)
  // Else the engine would insist on the session that has just ended.
  delete interaction.session
  await interaction.persist()
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

/** Stores the result; the engine takes it up at the address this answers with. */
function finish(
  { context, req, res }: StepRequest,
  result: Parameters<InteractionContext['provider']['interactionResult']>[2],
) {
  const isError = 'error' in result
  return context.provider.interactionResult(req, res, result, { mergeWithLastSubmission: !isError })
}

type StepEvent = Extract<AuditEvent, `sign-in.${string}` | `consent.${string}` | 'session.ended'>

function audit(request: StepRequest, event: StepEvent, userId: string | undefined): Promise<void> {
  return request.context.tenant.services.audit.record(entryOf(request, event, userId), Date.now())
}

function entryOf(
  { context, interaction, origin }: StepRequest,
  event: StepEvent,
  userId: string | undefined,
): AuditEntry {
  return { tenant: context.tenant.id, event, userId, clientId: clientOf(context, interaction).client_id, ...origin }
}
