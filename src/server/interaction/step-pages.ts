import type { ConsentPage, PageState, SignInPage, StepError, UpstreamView } from '../../contract/page-state.ts'
import { findUsablePerson } from '../engine/accounts.ts'
import { missingConsent, scopesToConsent } from '../engine/consent.ts'
import { errors } from '../engine/engine-errors.ts'
import { clientView, personView, tenantView, upstreamViews } from '../pages/views.ts'
import type { Connection } from '../upstream/find-person.ts'
import {
  clientOf,
  type Interaction,
  type InteractionContext,
  interactionPath,
  requestedScopes,
} from './interactions.ts'
import { findReturn } from './upstream-return.ts'

/** The page an interaction stands at. */
export async function pageFor(context: InteractionContext, interaction: Interaction): Promise<PageState> {
  if (interaction.prompt.name === 'consent') return consentPage(context, interaction)
  return signInPage(context, interaction, await findReturn(context, interaction))
}

interface SignInDetails {
  /** As typed. */
  username?: string
  error?: StepError | undefined
  connect?: Connection | undefined
}

export function signInPage(
  context: InteractionContext,
  interaction: Interaction,
  { username, error, connect }: SignInDetails = {},
): SignInPage {
  const { login_hint, continued } = interaction.params
  const hint = connect?.email ?? (typeof login_hint === 'string' ? login_hint : '')
  const notice = continued ? 'continued' : interaction.session?.accountId !== undefined ? 'sign-in-again' : undefined
  return {
    page: 'sign-in',
    ...stepFields(context, interaction),
    username: username ?? hint,
    upstreams: upstreamViews(context.tenant),
    ...(notice && { notice }),
    ...(connect && { connect: { upstream: upstreamView(context, connect), email: connect.email } }),
    ...(error && { error }),
  }
}

function upstreamView({ upstreams }: InteractionContext, { provider: name }: Connection): UpstreamView {
  return { name, label: upstreams.withCode.get(name)?.config.label ?? name }
}

async function consentPage(context: InteractionContext, interaction: Interaction): Promise<ConsentPage> {
  const { tenant } = context
  const userId = interaction.session?.accountId ?? ''
  const user = await findUsablePerson(tenant, userId)
  if (!user) throw new errors.SessionNotFound('the person to consent is gone')
  const clientId = clientOf(context, interaction).client_id
  const scopes = requestedScopes(interaction)
  const missing = await missingConsent(tenant, { userId, clientId, scopes })
  return {
    page: 'consent',
    ...stepFields(context, interaction),
    person: personView(user),
    // Asked again on purpose (prompt=consent): then everything is in question.
    scopes: missing.length > 0 ? missing : scopesToConsent(tenant, scopes),
  }
}

function stepFields(context: InteractionContext, interaction: Interaction) {
  return {
    tenant: tenantView(context.tenant),
    client: clientView(clientOf(context, interaction)),
    action: interactionPath(context.tenant, interaction.uid),
    sealedRequest: context.sealer.seal(interaction.params),
  }
}
