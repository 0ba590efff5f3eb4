/** The address that the portal calls when somebody signs out elsewhere: `POST /backchannel`, with a logout token. */
import type { IncomingMessage } from 'node:http'
import type { Answer } from './answers.ts'
import { type EndedLogin, LogoutTokenRefused } from './logout-token.ts'
import type { Sessions } from './sessions.ts'

const LONGEST_BODY = 16_384

export interface BackchannelDeps {
  readLogoutToken(token: string): Promise<EndedLogin>
  sessions: Sessions
}

/** Ends our sessions of a login that has ended (section 2.8: 200 when done, 400 when the request is no good). */
export async function takeLogout(request: IncomingMessage, deps: BackchannelDeps): Promise<Answer> {
  const body = await readBody(request)
  const token = body === undefined ? null : new URLSearchParams(body).get('logout_token')
  if (!token) return refusal('logout_token is missing')
  try {
    deps.sessions.endLogin(await deps.readLogoutToken(token))
    return { status: 200, headers: { 'Cache-Control': 'no-store' } }
  } catch (error) {
    if (error instanceof LogoutTokenRefused) return refusal(error.message)
    // The portal's keys can't be had right now: it will try again.
    return { status: 503, headers: { 'Cache-Control': 'no-store', 'Retry-After': '1' } }
  }
}

function refusal(description: string): Answer {
  return {
    status: 400,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
    body: JSON.stringify({ error: 'invalid_request', error_description: description }),
  }
}

/** A form of a size we expect. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LONGEST_BODY) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
