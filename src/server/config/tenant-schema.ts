import * as z from 'zod'
import { ADMIN_SCOPE } from './admin-scope.ts'
import { ClientConfig } from './client-schema.ts'
import { Compat } from './compat-schema.ts'
import { checkReferences } from './references.ts'
import { Upstream } from './upstream-schema.ts'
import { UserConfig } from './user-schema.ts'
import { Webhook } from './webhook-schema.ts'

const reserved = ['customer', 'customerlogin', 'assets', 'healthz', 'readyz', 'metrics', 'public']

export const TenantId = z
  .string()
  .regex(/^[a-z][a-z0-9]{2,15}$/, 'must be 3 to 16 lower-case letters and digits, a letter first')
  .refine((id) => !reserved.includes(id), 'is a reserved name')

const scopesOfOurs = ['openid', 'profile', 'email', 'offline_access', ADMIN_SCOPE]

/** A role is also a scope value (RFC 6749 section 3.3). */
const Role = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'must be printable ASCII without spaces, quotes or backslashes')
  .refine((role) => !scopesOfOurs.includes(role), 'is the name of a standard scope')

/** A resource indicator (RFC 8707 section 2). */
const Audience = z
  .string()
  .refine((value) => URL.canParse(value) && !value.includes('#'), 'must be an absolute URI without a fragment')

const Session = z
  .strictObject({
    idle_ttl: z.int().min(60).max(31_536_000).default(1_209_600),
    absolute_ttl: z.int().min(60).max(31_536_000).default(7_776_000),
  })
  .refine((session) => session.idle_ttl <= session.absolute_ttl, {
    path: ['idle_ttl'],
    message: 'must not be longer than absolute_ttl',
  })

/** After so many failures in a row signing in is paused for so long: for that person, from that network or browser. */
const Lockout = z.strictObject({
  failures: z.int().min(1).max(100).default(10),
  seconds: z.int().min(1).max(86_400).default(120),
})

/** One shop or community. */
export const TenantKeys = z
  .strictObject({
    name: z.string().min(1).max(100).optional(),
    audience: Audience.optional(),
    roles: z.array(Role).default([]),
    community_id: z.int().positive().optional(),
    registration: z.enum(['open', 'closed']).default('closed'),
    locales: z.array(z.string().min(2)).min(1).default(['en']),
    theme: z.strictObject({}).prefault({}),
    session: Session.prefault({}),
    lockout: Lockout.prefault({}),
    webhooks: z.array(Webhook).default([]),
    upstream: z.array(Upstream).default([]),
    compat: Compat.prefault({}),
    clients: z.array(ClientConfig).default([]),
    users: z.array(UserConfig).default([]),
  })
  .check(z.superRefine(checkReferences, { when: () => true }))
