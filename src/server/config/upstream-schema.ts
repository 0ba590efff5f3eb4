import * as z from 'zod'
import { WebAddress } from './addresses.ts'

/** What we say in an authorization request ourselves, and what is between an app and us alone. */
const reserved = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'request',
  'request_uri',
  'guest_token',
  'guest_session',
  'session_id',
  'dpop_jkt',
  'continued',
]

const ParameterName = z
  .string()
  .regex(/^[\w.-]{1,60}$/, 'must be 1 to 60 letters, digits, dots, hyphens or underscores')
  .refine((name) => !reserved.includes(name), 'is a parameter that Portico itself sets or reads')

const Label = z
  .string()
  .max(60)
  .regex(/\S/, 'must not be empty')
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')

const SigningAlg = z.enum([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
])

/** Who a provider is, and whose accounts its people get. */
const provider = {
  name: z
    .string()
    .max(31)
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case letters and digits, a letter first, joined by hyphens'),
  issuer: WebAddress,
  discovery_uri: WebAddress.optional(),
  match: z.enum(['subject', 'email']).default('subject'),
  provision: z.boolean().default(false),
  require_verified_email: z.boolean().default(false),
  roles: z.array(z.string()).default([]),
}

/** Sends people back with a code (OpenID Connect Core section 3.1). */
const CodeUpstream = z.strictObject({
  flow: z.literal('code'),
  ...provider,
  label: Label.optional(),
  client_id: z.string().min(1).max(400),
  client_secret: z.string().min(1).max(400).optional(),
  token_endpoint_auth_method: z.enum(['client_secret_basic', 'client_secret_post']).default('client_secret_basic'),
  id_token_signed_response_alg: SigningAlg.default('RS256'),
  scope: z
    .string()
    .max(1000)
    .refine((scope) => scope.split(' ').includes('openid'), 'must contain openid')
    .default('openid email'),
  response_mode: z.enum(['query', 'form_post']).default('query'),
  authorization_parameters: z.record(ParameterName, z.string().max(1000)).default({}),
  forwarded_parameters: z.array(ParameterName).default([]),
})

/** Gives apps tokens that are traded in here (RFC 8693). */
const ExchangeUpstream = z.strictObject({
  flow: z.literal('exchange'),
  ...provider,
  audience: z.string().min(1).max(400),
  authorized_parties: z.array(z.string().min(1).max(400)).min(1).optional(),
  signing_alg: SigningAlg.default('RS256'),
})

/** A provider people may sign in through: by code or by exchange, never both. Names are those of RFC 7591 where it has one. */
export const Upstream = z
  .preprocess(withFlow, z.discriminatedUnion('flow', [CodeUpstream, ExchangeUpstream]))
  .transform((upstream) =>
    upstream.flow === 'code' ? { ...upstream, label: upstream.label ?? upstream.name } : upstream,
  )
export type UpstreamConfig = z.infer<typeof Upstream>
export type CodeUpstreamConfig = Extract<UpstreamConfig, { flow: 'code' }>
export type ExchangeUpstreamConfig = Extract<UpstreamConfig, { flow: 'exchange' }>

function withFlow(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !('flow' in value) ? { flow: 'code', ...value } : value
}
