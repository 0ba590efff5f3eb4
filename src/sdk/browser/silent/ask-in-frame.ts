import * as z from 'zod/mini'
import { toAuthError } from '../../wire/auth-error.ts'
import type { SignInOptions } from '../auth.ts'
import type { BrowserEnvironment } from '../environment.ts'
import type { SessionRecord } from '../session/session-record.ts'
import { type CompleteDeps, type Completion, completeSignIn, failure, type Settled } from '../sign-in/complete.ts'
import { discardSignIn, type KeepDeps, keepSignIn } from '../sign-in/keep-sign-in.ts'
import { type PrepareDeps, prepareSignIn } from '../sign-in/prepare.ts'

/** What {@link askInFrame} needs. */
export interface FrameDeps extends CompleteDeps, KeepDeps, PrepareDeps {
  env: Pick<BrowserEnvironment, 'frames' | 'exclusively'>
  prefix: string
}

/** What the portal posts (OAuth 2.0 Web Message Response Mode). */
const Message = z.object({
  type: z.literal('authorization_response'),
  response: z.object({
    state: z.string(),
    code: z.optional(z.string()),
    error: z.optional(z.string()),
    iss: z.optional(z.string()),
  }),
})

const nobody: Settled = { kind: 'declined', wasDenied: false }

/**
 * Signs in without a page, in a hidden frame, and keeps who that is. One tab at a time: `isWanted` sees who is here when it
 * is this one's turn.
 */
export function askInFrame(
  options: SignInOptions,
  deps: FrameDeps,
  isWanted: (here: SessionRecord | undefined) => boolean = () => true,
): Promise<Settled> {
  return deps.env.exclusively(`${deps.prefix}silent`, async () => {
    const { epoch } = deps.session
    const { store } = await deps.opened
    const { session: before } = await store.read()
    const completion = isWanted(before) ? await request(options, deps) : nobody
    if (completion.kind !== 'signed-in') return completion
    const { session: now } = await store.read()
    // Somebody has signed out or in meanwhile, or a guest has begun who was not asked along.
    const isLate = epoch !== deps.session.epoch || now?.login !== before?.login
    const isAnother = before?.kind === 'member' && before.user.sub !== completion.idToken.claims.sub
    if (!isLate && !isAnother) await keepSignIn(completion, deps)
    else discardSignIn(completion, deps)
    return isLate || isAnother ? nobody : completion
  })
}

/** A code whose answer was lost is asked for once more: the portal has just known the person. */
async function request(options: SignInOptions, deps: FrameDeps): Promise<Settled> {
  const { epoch } = deps.session
  const first = await requestOnce(options, deps)
  // A sign-out takes the key along that the code was bound to; then nothing was lost.
  if (epoch !== deps.session.epoch) return first.kind === 'lost' ? nobody : first
  const last = first.kind === 'lost' ? await requestOnce(options, deps) : first
  return last.kind === 'lost' ? { kind: 'unreachable', reason: 'server' } : last
}

async function requestOnce(options: SignInOptions, deps: FrameDeps): Promise<Completion> {
  const silently = { ...options, prompt: 'none', responseMode: 'web_message' } as const
  try {
    const { address, state } = await prepareSignIn(silently, { returnTo: '/', isRestart: true, isSilent: true }, deps)
    const frames = await deps.env.frames()
    return await complete(await frames.ask(address), state, deps)
  } catch (thrown) {
    return failure(toAuthError(thrown))
  }
}

async function complete(posted: unknown, state: string, deps: FrameDeps): Promise<Completion> {
  // Whatever has come, the attempt is over.
  const record = deps.attempts.claim(state)
  const message = z.safeParse(Message, posted)
  if (!message.success || message.data.response.state !== state || record === null)
    return { kind: 'unreachable', reason: 'network' }
  const { code, error, iss } = message.data.response
  return completeSignIn({ state, code, error, issuer: iss }, record, deps)
}
