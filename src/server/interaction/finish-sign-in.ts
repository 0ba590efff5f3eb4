import type { AuditDetail } from '../audit/audit.ts'
import { loadSession } from '../engine/sessions.ts'
import type { UserRow } from '../store/tables.ts'
import { ownsEmail } from '../upstream/find-person.ts'
import { linkIdentity } from '../upstream/link-identity.ts'
import { clientOf, type InteractionContext } from './interactions.ts'
import { audit, type StepRequest } from './step-request.ts'
import { findReturn } from './upstream-return.ts'

/** How a person showed who they are: methods of RFC 8176, or `ext` for another provider. */
export interface SignInMethod {
  amr: string[]
  detail?: AuditDetail
}

/** The one end of every way to sign in. Answers with the address where the engine goes on. */
export async function finishSignIn(
  request: StepRequest,
  user: UserRow,
  { amr, detail }: SignInMethod,
): Promise<string> {
  await endOtherPersonsSession(request, user)
  await connectAccount(request, user)
  await audit(request, 'sign-in.succeeded', user.id, detail)
  // Said here: the engine would take the time of the last step, consent included (OpenID Connect Core section 2).
  const ts = Math.floor(Date.now() / 1000)
  return finish(request, { login: { accountId: user.id, amr, ts } })
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

/** Whoever came from a provider to an account of the same address has now shown that it is theirs. */
async function connectAccount(request: StepRequest, user: UserRow): Promise<void> {
  const { context, interaction, origin } = request
  const { connect } = await findReturn(context, interaction)
  if (!connect || !ownsEmail(user, connect.email)) return
  const clientId = clientOf(context, interaction).client_id
  await linkIdentity(context.tenant, { ...connect, userId: user.id }, { ...origin, clientId, how: 'sign-in' })
}

/** Stores the result; the engine takes it up at the address this answers with. */
export function finish(
  { context, req, res }: StepRequest,
  result: Parameters<InteractionContext['provider']['interactionResult']>[2],
): Promise<string> {
  const isError = 'error' in result
  return context.provider.interactionResult(req, res, result, { mergeWithLastSubmission: !isError })
}
