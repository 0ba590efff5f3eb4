import type { Session } from '../session/session.ts'
import { type AuthorizationDeps, authorizationHeaders } from './authorization.ts'

/** What {@link createAuthorizedFetch} needs. */
export interface AuthorizedFetchDeps extends AuthorizationDeps {
  fetch: typeof globalThis.fetch
  session: Pick<Session, 'accessToken' | 'refuse'>
}

/** Makes `fetch` that carries the access token and repeats a request once for each thing a 401 can be cured by. */
export function createAuthorizedFetch(deps: AuthorizedFetchDeps): typeof globalThis.fetch {
  return async (input, init) => {
    const request = withoutRedirects(new Request(input, init))
    const first = await sendOnce(request, deps)
    // RFC 9449 section 9: the API wants its own nonce in the proof; the token is good.
    const { token, response } = first.newNonce && asksForNonce(first.response) ? await sendOnce(request, deps) : first
    if (response.status !== 401) return response
    deps.session.refuse(token)
    const renewed = await renewedToken(deps)
    return renewed ? (await sendOnce(request, deps)).response : response
  }
}

async function sendOnce(request: Request, deps: AuthorizedFetchDeps) {
  const token = await deps.session.accessToken()
  const url = new URL(request.url)
  // A copy, so that the body is still there for a second try.
  const copy = request.clone()
  for (const [name, value] of Object.entries(
    await authorizationHeaders(token, { method: request.method, url }, deps),
  )) {
    copy.headers.set(name, value)
  }
  const response = await deps.fetch(copy)
  return { token, response, newNonce: deps.nonces.remember(url, response) }
}

/** Following a redirect would show the token to an address the app has not named. */
function withoutRedirects(request: Request): Request {
  return request.redirect === 'manual' ? request : new Request(request, { redirect: 'error' })
}

function asksForNonce(response: Response): boolean {
  return response.status === 401 && /use_dpop_nonce/.test(response.headers.get('WWW-Authenticate') ?? '')
}

/** Whether another token could be had; if not, the API's own answer says more than our error. */
async function renewedToken({ session }: AuthorizedFetchDeps): Promise<boolean> {
  return session.accessToken().then(
    () => true,
    () => false,
  )
}
