import type { SignInOptions } from '../auth.ts'
import { randomId } from '../base64url.ts'
import { createKeyPair, thumbprint } from '../dpop/key.ts'
import type { ResolvedOptions } from '../options.ts'
import type { OpenedStore } from '../session/open-store.ts'
import type { SessionStore } from '../session/session-store.ts'
import type { AttemptData } from './attempt-data.ts'
import type { Attempts } from './attempts.ts'
import { type BringGuestDeps, bringGuest } from './bring-guest.ts'
import { loadOidcClient } from './oidc-client.ts'

/** What {@link prepareSignIn} needs. */
export interface PrepareDeps extends BringGuestDeps {
  options: ResolvedOptions
  attempts: Attempts
  opened: Promise<OpenedStore>
}

/** Options of one authorization request. */
export interface RequestOptions extends Pick<SignInOptions, 'prompt' | 'loginHint'> {
  /** How the answer comes, if not in the address. */
  responseMode?: 'web_message'
}

/**
 * Builds the address of a sign-in and writes the attempt down, under the `state` it answers with (RFC 6749 section 4.1.1,
 * RFC 7636, RFC 9449 section 10).
 *
 * @throws {AuthError} `network` or `timeout` when the issuer can't be reached.
 */
export async function prepareSignIn(
  { prompt, loginHint, responseMode }: RequestOptions,
  data: AttemptData,
  deps: PrepareDeps,
): Promise<{ address: URL; state: string }> {
  const { options, attempts, loadMetadata, opened } = deps
  const client = await loadOidcClient(options, loadMetadata, attempts)
  const { store } = await opened
  const key = options.dpop && store.isLasting ? await ensureKey(store) : undefined
  const { session } = await store.read()
  // Without a page nobody can choose: only the person who is here may come back.
  const hint = prompt === 'none' && session?.kind === 'member' ? session.idToken : undefined
  const request = await client.createSigninRequest({
    state: data,
    nonce: randomId(),
    ...(prompt && { prompt }),
    ...(loginHint && { login_hint: loginHint }),
    ...(hint && { id_token_hint: hint }),
    ...(key && { dpopJkt: await thumbprint(key) }),
  })
  const address = new URL(request.url)
  if (responseMode) address.searchParams.set('response_mode', responseMode)
  return { address: await bringGuest(address, { session, key }, deps), state: request.state.id }
}

/** The client's key, made when there is none; of two tabs that make one, the first to keep it wins. */
async function ensureKey(store: SessionStore): Promise<CryptoKeyPair> {
  const { key: kept } = await store.read()
  if (kept) return kept
  const made = await createKeyPair()
  const { key } = await store.change((current) => ({ ...current, key: current.key ?? made }))
  return key ?? made
}
