import type { LoadMetadata } from '../../wire/metadata.ts'
import { type SendDeps, send } from '../../wire/send.ts'

/** What {@link revokeToken} needs. */
export interface RevokeDeps extends SendDeps {
  clientId: string
  loadMetadata: LoadMetadata
}

/**
 * Tells the issuer that a refresh token is no longer needed (RFC 7009); the request outlives the page.
 *
 * @throws {AuthError} when the issuer can't be reached.
 */
export async function revokeToken(token: string, deps: RevokeDeps): Promise<void> {
  const { revocationEndpoint } = await deps.loadMetadata()
  if (!revocationEndpoint) return
  const body = new URLSearchParams({ token, token_type_hint: 'refresh_token', client_id: deps.clientId })
  await send(revocationEndpoint, { method: 'POST', body, keepalive: true }, deps)
}
