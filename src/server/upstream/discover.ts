import * as client from 'openid-client'
import type { UpstreamConfig } from '../config/schema.ts'
import { createBoundedFetch } from './bounded-fetch.ts'
import { UpstreamRefused } from './refused.ts'

/** Of each request to a provider, its body included. */
const TIME_LIMIT_SECONDS = 5

/** Reads a provider's metadata (OpenID Connect Discovery section 4) and makes of it what its client works with. */
export async function discover(config: UpstreamConfig): Promise<client.Configuration> {
  const address = new URL(config.discovery_uri ?? config.issuer)
  const trustedOrigins = new Set([new URL(config.issuer).origin, address.origin])
  const isPlain = [...trustedOrigins].some((origin) => origin.startsWith('http:'))
  const connection = await client.discovery(address, config.client_id, clientMetadata(config), clientAuth(config), {
    [client.customFetch]: createBoundedFetch(trustedOrigins),
    timeout: TIME_LIMIT_SECONDS,
    // Signatures are checked whatever the transport: openid-client leaves that to TLS by itself.
    execute: [client.enableNonRepudiationChecks, ...(isPlain ? [client.allowInsecureRequests] : [])],
  })
  checkMetadata(connection.serverMetadata(), config.issuer, trustedOrigins)
  return connection
}

function clientMetadata({ id_token_signed_response_alg }: UpstreamConfig): Partial<client.ClientMetadata> {
  return { id_token_signed_response_alg }
}

function clientAuth({ client_secret, token_endpoint_auth_method }: UpstreamConfig): client.ClientAuth {
  if (client_secret === undefined) return client.None()
  return token_endpoint_auth_method === 'client_secret_post'
    ? client.ClientSecretPost(client_secret)
    : client.ClientSecretBasic(client_secret)
}

/** The issuer exactly as configured, and no address that is less safe than the ones the operator wrote down. */
function checkMetadata(metadata: client.ServerMetadata, issuer: string, trustedOrigins: ReadonlySet<string>): void {
  if (metadata.issuer !== issuer) throw lie(`its metadata names the issuer ${metadata.issuer}`)
  for (const endpoint of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
    const address = metadata[endpoint]
    if (address === undefined || !URL.canParse(address)) throw lie(`its metadata has no ${endpoint}`)
    const { protocol, origin } = new URL(address)
    if (protocol !== 'https:' && !trustedOrigins.has(origin)) throw lie(`its ${endpoint} is not https`)
  }
}

function lie(reason: string): UpstreamRefused {
  return new UpstreamRefused('upstream-failed', reason)
}
