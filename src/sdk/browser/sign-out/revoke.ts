import type { RevokeDeps } from '../issuer/revoke-token.ts'
import { loadProtocol } from '../protocol/load-protocol.ts'
import type { SessionRecord } from '../session/session-record.ts'

/**
 * Tells the issuer that who was here is gone.
 *
 * @throws {AuthError} when the issuer can't be reached.
 */
export async function revoke(ended: SessionRecord | undefined, deps: RevokeDeps): Promise<void> {
  if (!ended?.refreshToken) return
  const { revokeToken } = await loadProtocol()
  await revokeToken(ended.refreshToken, deps)
}
