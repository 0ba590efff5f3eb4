import type { SigninState } from 'oidc-client-ts'
import { AuthError, isAuthError, toAuthError } from '../../wire/auth-error.ts'
import { createKeyPair } from '../dpop/key.ts'
import { requestTokens, type TokenRequest } from '../issuer/request-tokens.ts'
import type { TokenDeps } from '../issuer/token-deps.ts'
import type { TokenSet } from '../issuer/token-set.ts'
import type { ResolvedOptions } from '../options.ts'
import type { OpenedStore } from '../session/open-store.ts'
import type { Attempts } from './attempts.ts'
import type { CallbackAnswer } from './callback-address.ts'
import { checkIdToken, type IdToken } from './id-token.ts'
import { loadOidcClient } from './oidc-client.ts'

/** What the answer of the portal comes to. */
export type Completion =
  | { kind: 'signed-in'; tokens: TokenSet; idToken: IdToken; key: CryptoKeyPair | undefined }
  /** The person said no, or `prompt: 'none'` found nobody. */
  | { kind: 'declined'; wasDenied: boolean }
  /** The code is spent or too old, most likely because its first answer was lost. */
  | { kind: 'lost' }
  /** The issuer can't be reached, can't answer now, or is not told who is there from here. */
  | { kind: 'unreachable'; reason: 'network' | 'server' | 'other-site' }
  | { kind: 'failed'; error: AuthError }

/** A completion nothing more is to be done about. */
export type Settled = Exclude<Completion, { kind: 'lost' }>

/** What {@link completeSignIn} needs. */
export interface CompleteDeps extends TokenDeps {
  options: ResolvedOptions
  attempts: Attempts
  opened: Promise<OpenedStore>
  /** Waits before a second try. */
  wait(ms: number): Promise<void>
}

const secondTryAfterMs = 1_000
/** A code lives a minute, so there is no point in waiting longer than this. */
const longestWaitMs = 10_000
const nobodyThere = ['login_required', 'consent_required', 'interaction_required', 'account_selection_required']
const later = ['temporarily_unavailable', 'server_error']

/** Turns the portal's answer and the record of its attempt into tokens (RFC 6749 section 4.1.3). */
export async function completeSignIn(answer: CallbackAnswer, record: string, deps: CompleteDeps): Promise<Completion> {
  try {
    const attempt = await readAttempt(answer, record, deps)
    await checkIssuer(answer, deps)
    if (answer.error) return refusal(answer.error)
    const key = await loadKey(deps)
    const tokens = await exchange(answer.code ?? '', attempt, key, deps)
    const { issuer, clientId } = deps.options
    const idToken = checkIdToken(tokens.idToken, { issuer, clientId, nonce: attempt.nonce, now: deps.clock.now() })
    return { kind: 'signed-in', tokens, idToken, key }
  } catch (thrown) {
    return failure(toAuthError(thrown))
  }
}

async function readAttempt({ state }: CallbackAnswer, record: string, deps: CompleteDeps): Promise<SigninState> {
  const claimed = { ...deps.attempts, get: async () => record, remove: async () => record }
  const client = await loadOidcClient(deps.options, deps.loadMetadata, claimed)
  const address = `?${new URLSearchParams({ state })}`
  const attempt = await client.readSigninResponseState(address).catch((cause: unknown) => {
    throw new AuthError('answer-invalid', { cause, message: 'The record of this sign-in can not be read.' })
  })
  const isOurs = attempt.state.id === state && attempt.state.authority === deps.options.issuer
  if (!isOurs) throw new AuthError('answer-invalid', { message: 'The answer belongs to another sign-in.' })
  return attempt.state
}

/** RFC 9207 section 2.4: an answer of another issuer, or of none where ours names itself, is a mix-up. */
async function checkIssuer({ issuer }: CallbackAnswer, { loadMetadata }: CompleteDeps): Promise<void> {
  const metadata = await loadMetadata()
  if (issuer === undefined ? !metadata.namesItself : issuer === metadata.issuer) return
  throw new AuthError('answer-invalid', { message: 'The answer is from another issuer.' })
}

async function loadKey({ options, opened }: CompleteDeps): Promise<CryptoKeyPair | undefined> {
  if (!options.dpop) return undefined
  const { store } = await opened
  const { key } = await store.read()
  // Gone with a sign-out in another tab, or never kept: the code was not bound to it then, or it is lost and we restart.
  return key ?? createKeyPair()
}

/** Redeems the code; once more after a network failure, which is safe because a code buys once. */
async function exchange(code: string, attempt: SigninState, key: CryptoKeyPair | undefined, deps: CompleteDeps) {
  const grant = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: attempt.redirect_uri,
    code_verifier: attempt.code_verifier ?? '',
  }
  const request: TokenRequest = { grant, key }
  try {
    return await requestTokens(request, deps)
  } catch (error) {
    if (!isAuthError(error) || !error.retryable) throw error
    await deps.wait(Math.min((error.retryAfterSeconds ?? 0) * 1000 || secondTryAfterMs, longestWaitMs))
    return requestTokens(request, deps)
  }
}

function refusal(error: string): Completion {
  if (error === 'access_denied') return { kind: 'declined', wasDenied: true }
  if (nobodyThere.includes(error)) return { kind: 'declined', wasDenied: false }
  if (later.includes(error)) return { kind: 'unreachable', reason: 'server' }
  return { kind: 'failed', error: new AuthError('refused', { oauthError: error }) }
}

/** What an error on the way means for a sign-in. */
export function failure(error: AuthError): Completion {
  if (error.code === 'session-ended') return { kind: 'lost' }
  if (error.code === 'network' || error.code === 'timeout') return { kind: 'unreachable', reason: 'network' }
  if (error.retryable) return { kind: 'unreachable', reason: 'server' }
  return { kind: 'failed', error }
}
