import type { DpopKey } from '../../test/dpop-key.ts'
import type { TokenResponse } from '../../test/flows.ts'
import type { TestApp } from '../../test/test-app.ts'
import { ISSUER } from '../../test/test-config.ts'

/** Asks `/me/upgrade` with an access token, proving possession when a key is given. */
export async function askUpgrade(
  app: TestApp,
  accessToken: string,
  { key, headers = {} }: { key?: DpopKey | undefined; headers?: Record<string, string> } = {},
): Promise<TokenResponse> {
  const url = `${ISSUER}/me/upgrade`
  const dpop = await key?.proof({ method: 'GET', url, accessToken })
  const authorization = `${dpop ? 'DPoP' : 'Bearer'} ${accessToken}`
  const answer = await app.browser().get(url, { authorization, ...(dpop && { dpop }), ...headers })
  return { status: answer.status, headers: answer.headers, body: JSON.parse(answer.body) }
}
