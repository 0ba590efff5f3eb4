import * as z from 'zod'
import { WebAddress, WebOrigin } from './addresses.ts'
import { ADMIN_SCOPE } from './admin-scope.ts'
import { secretWeakness } from './secrets.ts'

export const GrantType = z.enum([
  'authorization_code',
  'refresh_token',
  'implicit',
  'password',
  'client_credentials',
  'urn:portico:grant-type:guest',
  'urn:portico:grant-type:member',
  'urn:portico:grant-type:upstream',
  'urn:ietf:params:oauth:grant-type:token-exchange',
])
export type GrantType = z.infer<typeof GrantType>

const ResponseType = z.enum(['code', 'token', 'id_token', 'id_token token'])
type ResponseType = z.infer<typeof ResponseType>

const Seconds = z.int().min(1).max(31_536_000)
/** 0 turns it off. */
const SecondsOrOff = z.int().min(0).max(31_536_000)

/** At least 128 bits: 22 characters of base64url or 32 of hex. */
const ClientSecret = z.string().superRefine((value, context) => {
  const weakness = secretWeakness(value, { characters: 22, hex: 32 })
  if (weakness) context.addIssue({ code: 'custom', message: weakness })
  if (!/^[\x21-\x7e]*$/.test(value)) {
    context.addIssue({ code: 'custom', message: 'must be printable ASCII without spaces: Basic carries nothing else' })
  }
})

const Guest = z.strictObject({
  template_user: z.string(),
  access_token_ttl: Seconds.max(3600).default(3600),
  refresh_token_ttl: SecondsOrOff.default(2_592_000),
})

const Mint = z.strictObject({
  sso_id: z.boolean().default(true),
  member_id: z.boolean().default(true),
  email: z.boolean().default(false),
  /** Members it may ask for at once, and then each minute. */
  burst: z.int().min(1).max(1_000_000).default(1_200),
  per_minute: z.int().min(1).max(1_000_000).default(400),
})

const ClientKeys = z.strictObject({
  client_id: z.string().regex(/^[\x21-\x7e]{1,100}$/, 'must be 1 to 100 printable ASCII characters without spaces'),
  client_name: z.string().min(1).max(100).optional(),
  client_uri: WebAddress.optional(),
  logo_uri: WebAddress.optional(),
  policy_uri: WebAddress.optional(),
  tos_uri: WebAddress.optional(),
  active: z.boolean().default(true),
  client_secret: ClientSecret.optional(),
  /** Two may be valid while one replaces the other. */
  client_secrets: z
    .array(z.strictObject({ value: ClientSecret, expires_at: z.iso.datetime({ offset: true }).optional() }))
    .default([]),
  consent: z.enum(['once', 'skip']).default('once'),
  redirect_uris: z.array(WebAddress).default([]),
  post_logout_redirect_uris: z.array(WebAddress).default([]),
  allowed_origins: z.array(WebOrigin).default([]),
  backchannel_logout_uri: WebAddress.optional(),
  grant_types: z.array(GrantType).min(1).default(['authorization_code', 'refresh_token']),
  response_types: z.array(z.preprocess(inOrder, ResponseType)).optional(),
  id_token_signed_response_alg: z.enum(['RS256', 'ES256']).default('RS256'),
  dpop_bound_access_tokens: z.boolean().default(false),
  access_token_ttl: Seconds.max(86_400).default(600),
  refresh_token_ttl: SecondsOrOff.optional(),
  absolute_ttl: Seconds.optional(),
  refresh_token_rotation: z.enum(['rotate', 'fixed']).default('rotate'),
  refresh_grace: z.int().min(0).max(300).default(30),
  client_credentials_refresh: z.boolean().default(false),
  min_roles: z.array(z.string()).optional(),
  max_roles: z.array(z.string()).optional(),
  guest: Guest.optional(),
  mint: Mint.prefault({}),
  upstream_tokens: z.boolean().default(false),
})
type ClientKeys = z.infer<typeof ClientKeys>

/** An app that signs people in here; names are those of RFC 7591 where it has one. */
export const ClientConfig = ClientKeys.superRefine(checkClient).transform((client) => ({
  ...client,
  client_name: client.client_name ?? client.client_id,
  response_types: client.response_types ?? responseTypesOf(client.grant_types),
}))
export type ClientConfig = z.infer<typeof ClientConfig>

/** `token id_token` and `id_token token` are the same (OAuth 2.0 Multiple Response Types, section 5). */
function inOrder(value: unknown): unknown {
  return typeof value === 'string' ? value.split(' ').sort().join(' ') : value
}

function responseTypesOf(grants: GrantType[]): ResponseType[] {
  return [
    ...(grants.includes('authorization_code') ? (['code'] as const) : []),
    ...(grants.includes('implicit') ? (['token', 'id_token token'] as const) : []),
  ]
}

function checkClient(client: ClientKeys, context: z.RefinementCtx): void {
  const refuse = (key: keyof ClientKeys, message: string) => context.addIssue({ code: 'custom', path: [key], message })
  const holds = (grant: GrantType) => client.grant_types.includes(grant)
  const isPublic = client.client_secret === undefined && client.client_secrets.length === 0
  if (isPublic && holds('client_credentials')) refuse('grant_types', 'client_credentials needs a client_secret')
  if (client.client_credentials_refresh && !(holds('client_credentials') && holds('refresh_token')))
    refuse('client_credentials_refresh', 'needs the grant types client_credentials and refresh_token')
  if (holds('urn:portico:grant-type:guest') && !client.guest)
    refuse('guest', 'is needed for the guest grant: name its template_user')
  if (holds('urn:portico:grant-type:guest') && !isPublic) refuse('client_secret', 'guests are for public clients')
  if (isPublic && holds('urn:portico:grant-type:member'))
    refuse('grant_types', 'the member grant needs a client_secret')
  if (client.dpop_bound_access_tokens && holds('implicit')) {
    refuse('dpop_bound_access_tokens', 'tokens of the implicit flow cannot be bound to a key')
  }
  const comesBack = holds('authorization_code') || holds('implicit') || holds('urn:portico:grant-type:upstream')
  if (comesBack && client.redirect_uris.length === 0) refuse('redirect_uris', 'needs at least one address to return to')
  for (const type of client.response_types ?? []) {
    const grant = type === 'code' ? 'authorization_code' : 'implicit'
    if (!holds(grant)) refuse('response_types', `"${type}" needs the grant type ${grant}`)
  }
  if (client.max_roles?.includes(ADMIN_SCOPE) && !holds('client_credentials'))
    refuse('max_roles', `"${ADMIN_SCOPE}" needs the grant type client_credentials`)
  const allowed = client.max_roles
  const beyond = allowed && client.min_roles?.find((role) => !allowed.includes(role))
  if (beyond !== undefined) refuse('min_roles', `"${beyond}" is not among max_roles`)
}
