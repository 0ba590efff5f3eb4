import * as z from 'zod/mini'
import { AuthError } from '../../wire/auth-error.ts'
import { postForm } from './post-form.ts'
import type { TokenDeps } from './token-deps.ts'

const PushedAnswer = z.object({ request_uri: z.string().check(z.minLength(1)) })

/** An authorization request that must not be in an address. */
export interface PushRequest {
  parameters: URLSearchParams
  /** Key the request proves, if any. */
  key: CryptoKeyPair | undefined
}

/**
 * Pushes an authorization request (RFC 9126) and answers the address that stands for it; undefined when the issuer takes
 * no pushed requests, or not this one.
 *
 * @throws {AuthError} `network`, `timeout`, or `server` when trying again may help.
 */
export async function pushRequest({ parameters, key }: PushRequest, deps: TokenDeps): Promise<URL | undefined> {
  const { authorizationEndpoint, pushedRequestEndpoint } = await deps.loadMetadata()
  if (!pushedRequestEndpoint) return undefined
  const request = { url: pushedRequestEndpoint, fields: Object.fromEntries(parameters), key }
  const { response, body } = await postForm(request, deps)
  if (response.status === 429 || response.status >= 500) throw new AuthError('server', { status: response.status })
  const answer = z.safeParse(PushedAnswer, body)
  if (!response.ok || !answer.success) return undefined
  const address = new URL(authorizationEndpoint)
  address.searchParams.set('client_id', deps.clientId)
  address.searchParams.set('request_uri', answer.data.request_uri)
  return address
}
