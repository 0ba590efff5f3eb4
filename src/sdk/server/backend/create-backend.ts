import { argumentError } from '../../wire/arguments.ts'
import { type Call, within } from '../../wire/call.ts'
import { createKeySet } from '../key-set.ts'
import type { Backend } from './backend.ts'
import { type BackendOptions, checkBackendOptions } from './backend-options.ts'
import { checkNotInBrowser } from './browser-check.ts'
import { clientCredentialsRequest } from './client-credentials.ts'
import { elevatedLoginRequest } from './elevated-login.ts'
import { createIssuerClient, type IssuerClientDeps } from './issuer-client.ts'
import { memberTokenRequest } from './member-token.ts'
import { refreshRequest } from './refresh.ts'
import { type GrantRequest, requestTokens } from './request-tokens.ts'
import { waitFor } from './retry.ts'
import { createSharedTokens } from './shared-tokens.ts'
import { createTokenCache } from './token-cache.ts'
import { checkToken, validateToken } from './validate.ts'

/**
 * Makes a client of the issuer for a server that holds a secret. Make one per process: it keeps the tokens it was given.
 *
 * @throws {AuthError} `in-browser` where anybody could read the secret; `configuration`, naming the option that is wrong.
 * @example
 * const backend = createBackend({
 *   issuer: 'https://id.example.com/demo',
 *   clientId: 'community',
 *   clientSecret: process.env.PORTICO_CLIENT_SECRET,
 * })
 * const { accessToken } = await backend.memberToken({ memberId: 1001 })
 */
export function createBackend(options: BackendOptions): Backend {
  return startBackend(options, {
    fetch: (input, init) => globalThis.fetch(input, init),
    now: Date.now,
    wait: waitFor,
  })
}

/** Makes a backend over given time and network. */
export function startBackend(options: BackendOptions, deps: IssuerClientDeps): Backend {
  checkNotInBrowser()
  checkBackendOptions(options)
  const { issuer } = options
  const client = createIssuerClient(options, deps)
  const cache = createTokenCache(deps)
  const shared = createSharedTokens({ client, cache })
  const findKey = createKeySet(issuer, deps)
  const obtain = (grant: GrantRequest, call: Call) =>
    grant.isShareable ? shared.obtain(grant, call) : requestTokens(grant, call, client)

  return Object.freeze({
    elevatedLogin: (given, limits = {}) =>
      within('elevatedLogin', limits, (call) => obtain(elevatedLoginRequest(given), call)),
    clientCredentials: (given = {}, limits = {}) =>
      within('clientCredentials', limits, (call) => obtain(clientCredentialsRequest(given), call)),
    memberToken: (given, limits = {}) =>
      within('memberToken', limits, (call) => obtain(memberTokenRequest(given), call)),
    refresh: (given, limits = {}) =>
      within('refresh', limits, async (call) => {
        const tokens = await obtain(refreshRequest(given), call)
        // Where the issuer lets the old one stay it does not repeat it.
        return Object.freeze({ refreshToken: given.refreshToken, ...tokens })
      }),
    revoke: (token, limits = {}) =>
      within('revoke', limits, async (call) => {
        checkToken('revoke', token)
        if (!token) throw argumentError('revoke', 'the token must not be empty')
        cache.forget(token)
        await client.post({ endpoint: 'revocationEndpoint', fields: { token }, isRepeatable: true }, call)
      }),
    validate: (token, limits = {}) =>
      within('validate', limits, (call) => validateToken(token, call, { ...deps, issuer, client, findKey })),
  } satisfies Backend)
}
