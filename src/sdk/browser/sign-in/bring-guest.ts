import { isAuthError } from '../../wire/auth-error.ts'
import { pushRequest } from '../issuer/push-request.ts'
import type { TokenDeps } from '../issuer/token-deps.ts'
import type { SessionRecord } from '../session/session-record.ts'

/** What {@link bringGuest} needs. */
export interface BringGuestDeps extends TokenDeps {
  /** Waits before a second try. */
  wait(ms: number): Promise<void>
}

const secondTryAfterMs = 1_000

/**
 * Lets the guest come along on a sign-in: pushes its request with the guest's token, which must not be in an address, and
 * the proof that it is theirs. Where that can't be done the person signs in all the same, without the guest.
 *
 * @throws {AuthError} `network` or `timeout`: the portal could not be reached either.
 */
export async function bringGuest(
  address: URL,
  { session, key }: { session: SessionRecord | undefined; key: CryptoKeyPair | undefined },
  deps: BringGuestDeps,
): Promise<URL> {
  if (session?.kind !== 'guest' || !session.refreshToken) return address
  const parameters = new URLSearchParams(address.searchParams)
  parameters.set('guest_token', session.refreshToken)
  const push = () => pushRequest({ parameters, key }, deps)
  const pushed = await push()
    .catch(async (error: unknown) => {
      if (!isBusy(error)) throw error
      await deps.wait(secondTryAfterMs)
      return push()
    })
    .catch((error: unknown) => {
      if (!isBusy(error)) throw error
      return undefined
    })
  return pushed ?? address
}

function isBusy(error: unknown): boolean {
  return isAuthError(error) && error.code === 'server'
}
