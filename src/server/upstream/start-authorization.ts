import * as client from 'openid-client'
import { keepRequest } from './pending-request.ts'
import { refuse } from './refused.ts'
import { makeState } from './state.ts'
import type { CodeUpstream, Upstreams } from './upstreams.ts'

interface Start {
  interactionId: string
  /** The app wants the person to prove themselves, whoever the provider thinks is there. */
  asksAgain: boolean
  /** Parameters of the app's request; only those the operator listed go on. */
  params: Record<string, unknown>
}

/**
 * The address at a provider where a person signs in (OpenID Connect Core section 3.1.2.1).
 * @throws {UpstreamRefused} when the provider can't be reached or trusted
 */
export async function startAuthorization(upstreams: Upstreams, upstream: CodeUpstream, start: Start): Promise<URL> {
  const { config, redirectUri } = upstream
  const connection = await upstream.connect().catch(refuse)
  const state = makeState(config.name, start.interactionId)
  const [nonce, verifier] = [client.randomNonce(), client.randomPKCECodeVerifier()]
  const askedAgainAt = start.asksAgain ? Math.floor(Date.now() / 1000) : undefined
  const key = { state, provider: config.name, interactionId: start.interactionId }
  await keepRequest(upstreams, key, { nonce, verifier, askedAgainAt })
  return client.buildAuthorizationUrl(connection, {
    ...(start.asksAgain && { prompt: 'login' }),
    ...forwarded(config.forwarded_parameters, start.params),
    ...config.authorization_parameters,
    redirect_uri: redirectUri,
    scope: config.scope,
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(config.response_mode === 'form_post' && { response_mode: 'form_post' }),
  })
}

function forwarded(names: string[], params: Record<string, unknown>): Record<string, string> {
  const given = names.map((name) => [name, params[name]] as const)
  return Object.fromEntries(given.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}
