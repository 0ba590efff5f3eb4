import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'
import * as client from 'openid-client'
import type { CodeUpstreamConfig, ExchangeUpstreamConfig, UpstreamConfig } from '../config/schema.ts'
import { createBoundedFetch } from './bounded-fetch.ts'
import { UpstreamRefused } from './refused.ts'

/** Of each request to a provider, its body included. */
const TIME_LIMIT_SECONDS = 5

/** Finds the key that signed a token of a provider's. */
export type SubjectTokenKeys = JWTVerifyGetKey

type Endpoint = 'authorization_endpoint' | 'token_endpoint' | 'jwks_uri'

/** Reads a provider's metadata (OpenID Connect Discovery section 4) and makes of it what its client works with. */
export function discoverClient(config: CodeUpstreamConfig): Promise<client.Configuration> {
  const { client_id, id_token_signed_response_alg } = config
  return discover(config, {
    endpoints: ['authorization_endpoint', 'token_endpoint', 'jwks_uri'],
    connect: (address, options) =>
      client.discovery(address, client_id, { id_token_signed_response_alg }, clientAuth(config), options),
  })
}

/** The keys of a provider that we are no client of: kept for ten minutes, asked for again when one is unknown. */
export async function discoverKeys(config: ExchangeUpstreamConfig): Promise<SubjectTokenKeys> {
  const connection = await discover(config, {
    endpoints: ['jwks_uri'],
    connect: (address, options) => client.discovery(address, config.audience, undefined, client.None(), options),
  })
  const send = connection[client.customFetch]
  return createRemoteJWKSet(new URL(connection.serverMetadata().jwks_uri ?? ''), {
    timeoutDuration: TIME_LIMIT_SECONDS * 1000,
    [customFetch]: async (address, { headers, signal }) =>
      (send ?? fetch)(address, {
        method: 'GET',
        headers: Object.fromEntries(headers),
        redirect: 'manual',
        signal,
        body: null,
      }),
  })
}

interface Discovery {
  /** What its metadata has to name. */
  endpoints: Endpoint[]
  connect(address: URL, options: client.DiscoveryRequestOptions): Promise<client.Configuration>
}

async function discover(
  { issuer, discovery_uri }: Pick<UpstreamConfig, 'issuer' | 'discovery_uri'>,
  { endpoints, connect }: Discovery,
): Promise<client.Configuration> {
  const address = new URL(discovery_uri ?? issuer)
  const trustedOrigins = new Set([new URL(issuer).origin, address.origin])
  const isPlain = [...trustedOrigins].some((origin) => origin.startsWith('http:'))
  const connection = await connect(address, {
    [client.customFetch]: createBoundedFetch(trustedOrigins),
    timeout: TIME_LIMIT_SECONDS,
    // Signatures are checked whatever the transport: openid-client leaves that to TLS by itself.
    execute: [client.enableNonRepudiationChecks, ...(isPlain ? [client.allowInsecureRequests] : [])],
  })
  checkMetadata(connection.serverMetadata(), { issuer, endpoints, trustedOrigins })
  return connection
}

function clientAuth({ client_secret, token_endpoint_auth_method }: CodeUpstreamConfig): client.ClientAuth {
  if (client_secret === undefined) return client.None()
  return token_endpoint_auth_method === 'client_secret_post'
    ? client.ClientSecretPost(client_secret)
    : client.ClientSecretBasic(client_secret)
}

interface Expected {
  issuer: string
  endpoints: Endpoint[]
  trustedOrigins: ReadonlySet<string>
}

/** The issuer exactly as configured, and no address that is less safe than the ones the operator wrote down. */
function checkMetadata(metadata: client.ServerMetadata, { issuer, endpoints, trustedOrigins }: Expected): void {
  if (metadata.issuer !== issuer) throw lie(`its metadata names the issuer ${metadata.issuer}`)
  for (const endpoint of endpoints) {
    const address = metadata[endpoint]
    if (address === undefined || !URL.canParse(address)) throw lie(`its metadata has no ${endpoint}`)
    const { protocol, origin } = new URL(address)
    if (protocol !== 'https:' && !trustedOrigins.has(origin)) throw lie(`its ${endpoint} is not https`)
  }
}

function lie(reason: string): UpstreamRefused {
  return new UpstreamRefused('upstream-failed', reason)
}
