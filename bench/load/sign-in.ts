import { createHash, randomBytes } from 'node:crypto'
import { REDIRECT_URI } from '../servers/parties.ts'
import type { Answer } from './answer.ts'
import { Browser } from './browser.ts'
import type { Connection } from './connection.ts'
import type { Tokens } from './token-client.ts'

/** How a server signs people in: the steps its pages take, in order. */
export interface SignInPages {
  authorizePath: string
  interactionPath: string
  steps: Record<string, string>[]
  /** Load each page before its form is posted, as a person's browser does. */
  drawsPages?: boolean
}

interface App {
  clientId: string
  /** Redeems the code. */
  redeem(form: Record<string, string>): Promise<Tokens>
}

const MOST_ANSWERS = 12

/** A whole sign-in with a fresh browser: authorization request, pages, code, tokens. */
export async function signIn(connection: Connection, pages: SignInPages, { clientId, redeem }: App): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url')
  const code = await obtainCode(connection, pages, {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile',
    state: 'state-of-the-app',
    nonce: 'nonce-of-the-app',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const tokens = await redeem({
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    code_verifier: verifier,
    redirect_uri: REDIRECT_URI,
  })
  if (!tokens.refresh_token || !tokens.id_token) throw new Error('a sign-in without a refresh token or an ID token')
  return tokens
}

async function obtainCode(connection: Connection, pages: SignInPages, params: Record<string, string>): Promise<string> {
  const browser = new Browser(connection)
  const steps = pages.steps.values()
  let answer = await browser.get(`${pages.authorizePath}?${new URLSearchParams(params)}`)
  for (let answers = 1; answers < MOST_ANSWERS; answers++) {
    const next = redirectOf(answer, connection.origin)
    const code = next.searchParams.get('code')
    if (code !== null && next.href.startsWith(REDIRECT_URI)) return code
    const path = next.pathname + next.search
    if (!path.startsWith(pages.interactionPath)) {
      answer = await browser.get(path)
      continue
    }
    if (pages.drawsPages) checkPage(await browser.get(path))
    answer = await browser.post(path, steps.next().value ?? {})
  }
  throw new Error('a sign-in that comes to no end')
}

function redirectOf({ status, headers, body }: Answer, origin: string): URL {
  const location = headers.get('location')
  if (status === 303 && location !== undefined) return new URL(location, origin)
  throw new Error(`${status} where a redirect was expected: ${body.slice(0, 200)}`)
}

function checkPage({ status, body }: Answer): void {
  if (status !== 200 || !body.includes('<form')) throw new Error(`${status} where a page with a form was expected`)
}
