import type { ClientMetadata, Provider, ResponseType } from 'oidc-provider'
import type { ClientConfig } from '../config/schema.ts'
import { loadClient, type Tenant } from '../tenant/tenant.ts'
import { holdsSecret } from './client-secret.ts'
import { WEB_MESSAGE } from './web-message.ts'

/** A client as the engine wants it (RFC 7591). It never sees a secret: `compareSecrets` checks those. */
export function engineClient(client: ClientConfig): ClientMetadata {
  const usesRedirects = client.grant_types.some((grant) => grant === 'authorization_code' || grant === 'implicit')
  return {
    client_id: client.client_id,
    client_name: client.client_name,
    grant_types: client.grant_types,
    response_types: (usesRedirects ? client.response_types : []) as ResponseType[],
    redirect_uris: client.redirect_uris,
    post_logout_redirect_uris: client.post_logout_redirect_uris,
    id_token_signed_response_alg: client.id_token_signed_response_alg,
    dpop_bound_access_tokens: client.dpop_bound_access_tokens,
    ...(isPublic(client)
      ? { token_endpoint_auth_method: 'none' as const }
      : { token_endpoint_auth_method: 'client_secret_basic' as const, client_secret: 'checked elsewhere' }),
    ...(client.client_uri === undefined ? {} : { client_uri: client.client_uri }),
  }
}

export function isPublic(client: ClientConfig): boolean {
  return client.client_secret === undefined && client.client_secrets.length === 0
}

/** Teaches the engine our rules for clients; called once per provider, before the first request. */
export function installClientRules(provider: Provider, tenant: Tenant): void {
  const { prototype } = provider.Client as unknown as { prototype: ClientRules }
  prototype.compareClientSecret = function (presented) {
    return holdsSecret(loadClient(tenant, this.clientId), presented, Date.now())
  }
  prototype.includeSid = () => true
  prototype.responseModeAllowed = function (mode, responseType) {
    return allowedResponseModes(loadClient(tenant, this.clientId), responseType).includes(mode ?? '')
  }
  acceptLoopback(provider)
}

/** What the engine says against redirect addresses of implicit clients: the configuration has a rule of its own. */
const SETTLED_BY_CONFIGURATION = ['implicit-force-https', 'implicit-forbid-localhost']

/** Apps on a developer's machine may use the implicit flow over http, as they may any other. */
function acceptLoopback(provider: Provider): void {
  const { prototype } = (provider.Client as unknown as { Schema: { prototype: ClientSchema } }).Schema
  const { invalidate } = prototype
  prototype.invalidate = function (message, code) {
    if (code === undefined || !SETTLED_BY_CONFIGURATION.includes(code)) invalidate.call(this, message, code)
  }
}

interface ClientSchema {
  invalidate(message: string, code?: string): void
}

interface ClientRules {
  clientId: string
  compareClientSecret(this: ClientRules, presented: string): boolean
  /** Without it a code has no `sid` unless the client takes back-channel logout. */
  includeSid(): boolean
  responseModeAllowed(this: ClientRules, mode: string | undefined, responseType: string | undefined): boolean
}

/** A page can't receive a form post, and a server never sees a fragment (OAuth 2.0 Multiple Response Types, section 2.1). */
function allowedResponseModes(client: ClientConfig, responseType: string | undefined): string[] {
  if (responseType?.includes('token')) return ['fragment', 'form_post']
  return isPublic(client) ? ['query', 'fragment', WEB_MESSAGE] : ['query', 'form_post']
}
