import * as z from 'zod/mini'
import { requestLabelHeader } from '../../../contract/request-label.ts'
import { OAuthErrorAnswer } from '../../../contract/token-answer.ts'
import type { Call } from '../../wire/call.ts'
import { readJson, send } from '../../wire/send.ts'
import { withoutNulls } from '../../wire/without-nulls.ts'
import { createProof } from '../dpop/proof.ts'
import type { TokenDeps } from './token-deps.ts'

/** A form for an endpoint of the issuer. */
export interface FormRequest {
  url: URL
  /** Fields without `client_id`. */
  fields: Record<string, string>
  /** Key the request proves, if any. */
  key: CryptoKeyPair | undefined
  /** Whose limits and label the request has. */
  call?: Call | undefined
}

/** What came back, whatever it is. */
export interface FormAnswer {
  response: Response
  /** The parsed body without nulls; undefined when it isn't JSON. */
  body: unknown
}

const proofProblems = ['use_dpop_nonce', 'invalid_dpop_proof']

/**
 * Posts a form with a proof, and once more when the answer names a nonce or shows that our clock is wrong (RFC 9449
 * section 8).
 *
 * @throws {AuthError} `network` or `timeout`.
 */
export async function postForm(request: FormRequest, deps: TokenDeps): Promise<FormAnswer> {
  const first = await post(request, deps)
  return isProofProblem(first.body) ? post(request, deps) : first
}

async function post({ url, fields, key, call }: FormRequest, deps: TokenDeps): Promise<FormAnswer> {
  const headers = {
    accept: 'application/json',
    ...(key && { DPoP: await proofFor(url, key, deps) }),
    ...(call?.label !== undefined && { [requestLabelHeader]: call.label }),
  }
  const body = new URLSearchParams({ ...fields, client_id: deps.clientId })
  const sentAt = Date.now()
  const response = await send(url, { method: 'POST', body, headers, signal: call?.signal ?? null }, deps)
  deps.nonces.remember(url, response)
  deps.clock.learn(response.headers.get('Date'), sentAt)
  return { response, body: withoutNulls(await readJson(response, call?.signal)) }
}

function proofFor(url: URL, key: CryptoKeyPair, { clock, nonces }: TokenDeps): Promise<string> {
  return createProof({ key, method: 'POST', url, now: clock.now(), nonce: nonces.get(url) })
}

/** A proof without the nonce now asked for, or with a wrong time: both are known after the answer. */
function isProofProblem(body: unknown): boolean {
  const answer = z.safeParse(OAuthErrorAnswer, body)
  return answer.success && proofProblems.includes(answer.data.error)
}
