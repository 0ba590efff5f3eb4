import type { OidcClient } from 'oidc-client-ts'
import { AuthError } from '../../wire/auth-error.ts'
import type { LoadMetadata } from '../../wire/metadata.ts'
import type { ResolvedOptions } from '../options.ts'
import { type Attempts, attemptLifetimeSeconds } from './attempts.ts'

/** Loads oidc-client-ts, which only people on their way in or back need. */
export async function loadOidcClient(
  options: ResolvedOptions,
  loadMetadata: LoadMetadata,
  attempts: Attempts,
): Promise<OidcClient> {
  const [metadata, library] = await Promise.all([loadMetadata(), loadLibrary()])
  return new library.OidcClient({
    authority: options.issuer,
    // Given, so that it fetches nothing itself: our own loader checks the issuer and has a time limit.
    metadata: { issuer: metadata.issuer, authorization_endpoint: metadata.authorizationEndpoint.href },
    client_id: options.clientId,
    redirect_uri: options.redirectUri.href,
    scope: options.scope.join(' '),
    stateStore: attempts,
    staleStateAgeInSeconds: attemptLifetimeSeconds,
  })
}

/** A chunk that can't be loaded (offline, or gone with a deploy) is the network's failure. */
function loadLibrary(): Promise<typeof import('oidc-client-ts')> {
  return import('oidc-client-ts').catch((cause: unknown) => {
    throw new AuthError('network', { cause })
  })
}
