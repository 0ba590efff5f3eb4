import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { TokenError } from './token-error.ts'

/** What {@link createKeySet} needs. */
export interface KeySetDeps {
  fetch: typeof globalThis.fetch
  /** Epoch milliseconds. */
  now(): number
}

interface LoadedKeys {
  find: ReturnType<typeof createLocalJWKSet>
  loadedAt: number
}

const lifetimeMs = 10 * 60_000
/** Tokens with made-up key names must not turn into requests to the issuer. */
const coolDownMs = 30_000
const timeLimitMs = 5_000

/**
 * Finds the issuer's key for a token: loaded on first use, kept ten minutes, looked up anew for an unknown key at most
 * every 30 s, and used on when the issuer can't be reached.
 */
export function createKeySet(issuer: string, deps: KeySetDeps): JWTVerifyGetKey {
  let loaded: LoadedKeys | undefined
  let loading: Promise<void> | undefined
  let triedAt = Number.NEGATIVE_INFINITY

  const load = () => {
    loading ??= loadKeys(issuer, deps)
      .then((keys) => {
        loaded = { find: createLocalJWKSet(keys), loadedAt: deps.now() }
      })
      .finally(() => {
        triedAt = deps.now()
        loading = undefined
      })
    return loading
  }
  const mayTry = () => loading !== undefined || deps.now() - triedAt >= coolDownMs
  /** A failed renewal leaves the keys there are: an issuer that is down must not take its APIs along. */
  const renew = () => load().catch(() => undefined)

  const current = async (): Promise<LoadedKeys> => {
    if (!loaded) await load().catch(unavailable)
    else if (deps.now() - loaded.loadedAt >= lifetimeMs && mayTry()) await renew()
    return loaded ?? unavailable()
  }

  return async (header, token) => {
    // A key is chosen by its name in our set alone; `jwk`, `jku` and `x5u` of the token are not looked at (RFC 8725).
    if (!header.kid) throw new errors.JWKSNoMatchingKey()
    const keys = await current()
    try {
      return await keys.find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !mayTry()) throw error
      await renew()
      return (loaded ?? keys).find(header, token)
    }
  }
}

async function loadKeys(issuer: string, deps: KeySetDeps): Promise<JSONWebKeySet> {
  const metadata = await getJson(`${issuer}/.well-known/openid-configuration`, deps)
  // RFC 8414 section 3.3
  if (metadata.issuer !== issuer) throw new Error(`the issuer calls itself ${String(metadata.issuer)}`)
  if (typeof metadata.jwks_uri !== 'string') throw new Error('the issuer names no keys')
  const keys = await getJson(metadata.jwks_uri, deps)
  if (!Array.isArray(keys.keys)) throw new Error('the key set is not one')
  return keys as unknown as JSONWebKeySet
}

async function getJson(url: string, { fetch }: KeySetDeps): Promise<Record<string, unknown>> {
  const signal = AbortSignal.timeout(timeLimitMs)
  const response = await fetch(url, { headers: { accept: 'application/json' }, redirect: 'error', signal })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return (await response.json()) as Record<string, unknown>
}

function unavailable(cause?: unknown): never {
  throw new TokenError('keys-unavailable', 'The keys of the issuer are not available.', { cause })
}
