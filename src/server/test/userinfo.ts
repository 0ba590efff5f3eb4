import type { DpopKey } from './dpop-key.ts'
import type { TokenResponse } from './flows.ts'
import type { ReachableApp } from './test-app.ts'
import { ISSUER } from './test-config.ts'

/** Asks userinfo with an access token, proving possession when a key is given; 200 means the login it belongs to lives. */
export async function userinfo(
  app: ReachableApp,
  accessToken: string,
  { key, headers = {} }: { key?: DpopKey | undefined; headers?: Record<string, string> } = {},
): Promise<TokenResponse> {
  const url = `${ISSUER}/userinfo`
  const dpop = await key?.proof({ method: 'GET', url, accessToken })
  const response = await app.server.inject({
    method: 'GET',
    url: new URL(url).pathname,
    headers: {
      host: new URL(url).host,
      authorization: `${dpop ? 'DPoP' : 'Bearer'} ${accessToken}`,
      ...(dpop && { dpop }),
      ...headers,
    },
  })
  return { status: response.statusCode, headers: response.headers, body: response.json() }
}
