import type { LoadMetadata } from '../../wire/metadata.ts'
import { randomId } from '../base64url.ts'
import type { ResolvedOptions } from '../options.ts'
import type { MemberRecord } from '../session/session-record.ts'

/** Begins the state of a sign-out, so that coming back from one is recognised. */
export const signOutStatePrefix = 'signed-out-'

/** What {@link leavingAddress} needs. */
export interface LeavingDeps {
  loadMetadata: LoadMetadata
  options: ResolvedOptions
}

/**
 * Builds the address that ends the portal's session, or all of the person's (RP-Initiated Logout 1.0 section 2); undefined
 * when it has none.
 */
export async function leavingAddress(
  ended: MemberRecord,
  scope: 'browser' | 'everywhere',
  { loadMetadata, options }: LeavingDeps,
): Promise<URL | undefined> {
  const { endSessionEndpoint } = await loadMetadata()
  if (!endSessionEndpoint) return undefined
  const address = new URL(endSessionEndpoint)
  address.searchParams.set('id_token_hint', ended.idToken)
  address.searchParams.set('client_id', options.clientId)
  address.searchParams.set('post_logout_redirect_uri', options.homeUri.href)
  if (scope === 'everywhere') address.searchParams.set('logout_scope', scope)
  address.searchParams.set('state', signOutStatePrefix + randomId())
  return address
}
