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

const UpstreamKeys = z.strictObject({
  name: z
    .string()
    .max(31)
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case letters and digits, a letter first, joined by hyphens'),
  label: Label.optional(),
  issuer: WebAddress,
  discovery_uri: WebAddress.optional(),
  client_id: z.string().min(1).max(400),
  client_secret: z.string().min(1).max(400).optional(),
  token_endpoint_auth_method: z.enum(['client_secret_basic', 'client_secret_post']).default('client_secret_basic'),
  id_token_signed_response_alg: z
    .enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])
    .default('RS256'),
  scope: z
    .string()
    .max(1000)
    .refine((scope) => scope.split(' ').includes('openid'), 'must contain openid')
    .default('openid email'),
  response_mode: z.enum(['query', 'form_post']).default('query'),
  authorization_parameters: z.record(ParameterName, z.string().max(1000)).default({}),
  forwarded_parameters: z.array(ParameterName).default([]),
  match: z.enum(['subject', 'email']).default('subject'),
  provision: z.boolean().default(false),
  require_verified_email: z.boolean().default(false),
  roles: z.array(z.string()).default([]),
})

/** A provider people may sign in through (OpenID Connect); names are those of RFC 7591 where it has one. */
export const Upstream = UpstreamKeys.transform((upstream) => ({ ...upstream, label: upstream.label ?? upstream.name }))
export type UpstreamConfig = z.infer<typeof Upstream>
