import { onTestFinished } from 'vitest'
import { aPkce, basicAuth, obtainCode, postToEndpoint } from '../../server/test/flows.ts'
import { startTestApp, type TestApp } from '../../server/test/test-app.ts'
import { ISSUER, ORDERS_SECRET, ORIGIN } from '../../server/test/test-config.ts'
import { startBackend } from '../server/backend/create-backend.ts'
import { waitFor } from '../server/backend/retry.ts'

/** The server itself, in process with a store of its own, and a backend of its client `orders`. */
export async function aRealIssuer(config?: TestApp['config']) {
  const app = await startTestApp(config ? { config } : {})
  onTestFinished(() => app.close())
  const fetch = fetchOf(app)
  const backendOf = (clientId = 'orders', clientSecret = ORDERS_SECRET) =>
    startBackend({ issuer: ISSUER, clientId, clientSecret }, { fetch, now: Date.now, wait: waitFor })
  return { app, fetch, backendOf, backend: backendOf() }
}

/** The server as a `fetch`. */
function fetchOf({ server }: TestApp): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const { pathname, search } = new URL(request.url)
    const answer = await server.inject({
      method: request.method as 'GET' | 'POST',
      url: pathname + search,
      headers: { ...Object.fromEntries(request.headers), host: new URL(ORIGIN).host },
      payload: await request.text(),
    })
    const headers = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)])
    return new Response(answer.body, { status: answer.statusCode, headers })
  }
}

/** Signs Ada in at `orders` on the portal; the tokens as they come over the wire. */
export async function signInAtOrders(app: TestApp) {
  const pkce = aPkce()
  const redirect_uri = 'http://localhost:3002/callback'
  const overrides = { client_id: 'orders', redirect_uri, scope: 'openid profile email' }
  const code = await obtainCode(app.browser(), pkce, { overrides })
  const fields = { grant_type: 'authorization_code', code, code_verifier: pkce.verifier, redirect_uri }
  const { body } = await postToEndpoint(app, 'token', fields, { headers: basicAuth() })
  return { accessToken: body.access_token ?? '', refreshToken: body.refresh_token ?? '' }
}
