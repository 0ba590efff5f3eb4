import { findPerson } from '../upstream/find-person.ts'
import { finishAuthorization } from '../upstream/finish-authorization.ts'
import { UpstreamRefused } from '../upstream/refused.ts'
import { startAuthorization } from '../upstream/start-authorization.ts'
import type { CodeUpstream } from '../upstream/upstreams.ts'
import { finishSignIn } from './finish-sign-in.ts'
import { clientOf, interactionPath } from './interactions.ts'
import { pageFor } from './step-pages.ts'
import { audit, type StepOutcome, type StepRequest } from './step-request.ts'
import { findReturn, keepReturn, type UpstreamReturn } from './upstream-return.ts'

/** Another provider vouches for the person; what they did there is not known in RFC 8176's words. */
const AMR = ['ext']
/** Reasons of the engine to ask although somebody may be signed in (OpenID Connect Core section 3.1.2.1). */
const ASKED_AGAIN = ['login_prompt', 'max_age']

/** "Continue with …": on to the provider, or back on the page with the reason why not. */
export async function goUpstream(request: StepRequest, name: string): Promise<StepOutcome> {
  const { context, interaction } = request
  const upstream = context.upstreams.withCode.get(name)
  // A page from before the operator took it away: show what there is now.
  if (!upstream) return { state: await pageFor(context, interaction) }
  const { uid: interactionId, params, prompt } = interaction
  const asksAgain = prompt.reasons.some((reason) => ASKED_AGAIN.includes(reason))
  try {
    const address = await startAuthorization(context.upstreams, upstream, { interactionId, asksAgain, params })
    await forgetError(request)
    return { redirectTo: address.href }
  } catch (error) {
    await noteRefusal(request, upstream, error)
    return { state: await pageFor(context, interaction) }
  }
}

/** Back from the provider with its answer; says where the browser goes on: signed in, or the page that tells why not. */
export async function returnFromUpstream(
  request: StepRequest,
  upstream: CodeUpstream,
  answer: URLSearchParams,
): Promise<string> {
  const { context, interaction } = request
  const page = interactionPath(context.tenant, interaction.uid)
  try {
    const signIn = await finishAuthorization(context.upstreams, upstream, { interactionId: interaction.uid, answer })
    const origin = { ...request.origin, clientId: clientOf(context, interaction).client_id }
    const found = await findPerson(context.tenant, signIn, origin)
    if ('user' in found) {
      return await finishSignIn(request, found.user, { amr: AMR, detail: { provider: upstream.config.name } })
    }
    await keepReturn(context, interaction, { connect: found.connect })
    return page
  } catch (error) {
    // The same answer twice at once: the other one has got the person in.
    if (isRefused(error, 'upstream-expired') && isSignedIn(request)) return interaction.returnTo
    await noteRefusal(request, upstream, error)
    return page
  }
}

/** "Not now": the next sign-in connects nothing. */
export async function forgetUpstream({ context, interaction }: StepRequest): Promise<StepOutcome> {
  await keepReturn(context, interaction, {})
  return { state: await pageFor(context, interaction) }
}

/** What was said about the last try is over with the next one; an account to connect still waits. */
export async function forgetError({ context, interaction }: StepRequest): Promise<UpstreamReturn> {
  const { error, connect } = await findReturn(context, interaction)
  if (error) await keepReturn(context, interaction, { connect })
  return { connect }
}

async function noteRefusal(request: StepRequest, { config }: CodeUpstream, error: unknown): Promise<void> {
  if (!(error instanceof UpstreamRefused)) throw error
  const { context, interaction } = request
  const { connect } = await findReturn(context, interaction)
  await keepReturn(context, interaction, { connect, error: { code: error.code, upstream: config.label } })
  const detail = { provider: config.name, error: error.code, reason: error.message }
  await audit(request, 'upstream.refused', undefined, detail)
}

function isRefused(error: unknown, code: UpstreamRefused['code']): boolean {
  return error instanceof UpstreamRefused && error.code === code
}

function isSignedIn({ interaction: { result } }: StepRequest): boolean {
  return result !== undefined && 'login' in result
}
