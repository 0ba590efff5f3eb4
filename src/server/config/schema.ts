import * as z from 'zod'
import { WebOrigin } from './addresses.ts'
import { MailConfig } from './mail-schema.ts'
import { TenantId, TenantKeys } from './tenant-schema.ts'

export type { ClientConfig, GrantType } from './client-schema.ts'
export type { MailConfig } from './mail-schema.ts'
export type { CodeUpstreamConfig, ExchangeUpstreamConfig, UpstreamConfig } from './upstream-schema.ts'
export type { UserConfig } from './user-schema.ts'

const count = (most: number) => z.int().min(1).max(most)

/** What one request may cost. */
const Limits = z.strictObject({
  /** Bytes of a request body. */
  body_bytes: count(1_048_576).default(65_536),
  /** Characters of one parameter. */
  parameter_characters: count(65_536).default(4_000),
  /** Parameters in one request. */
  parameters: count(1_000).default(100),
  /** Seconds a request may take to arrive. */
  request_seconds: count(300).default(15),
  /** Seconds a sign-in may take on the portal's pages before it is started anew. */
  interaction_ttl: count(86_400).default(3_600),
  /** New guests a network (/24, /64) may make at once, and then each minute. */
  guest_burst: count(1_000_000).default(300),
  guests_per_minute: count(1_000_000).default(60),
  /** The same for all networks together, per tenant. */
  guest_burst_total: count(10_000_000).default(30_000),
  guests_per_minute_total: count(10_000_000).default(6_000),
  /** Sign-ins that may fail for a network (/24, /64) in an hour, per tenant. */
  failed_sign_ins_per_hour: count(1_000_000).default(300),
  /** The same for all networks together. */
  failed_sign_ins_per_hour_total: count(10_000_000).default(30_000),
  /** One-time passwords a network may ask for in an hour, per tenant. */
  one_time_passwords_per_hour: count(1_000_000).default(30),
  /** The same for all networks together. */
  one_time_passwords_per_hour_total: count(10_000_000).default(3_000),
  /** Passwords checked at once: each takes 19 MiB and a thread. */
  password_checks: count(64).default(2),
  /** Passwords that may wait to be checked. */
  password_queue: count(10_000).default(64),
  /** Days an audit entry is kept. */
  audit_days: count(36_500).default(365),
})
export type Limits = z.infer<typeof Limits>

/** The whole file, with names as they are written there. */
export const ConfigFile = z
  .strictObject({
    origin: WebOrigin,
    database: z.string().min(1).default('sqlite:data/portico.db'),
    trusted_proxies: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).default([]),
    mail: MailConfig.optional(),
    limits: Limits.prefault({}),
    tenants: z
      .record(TenantId, TenantKeys)
      .refine((tenants) => Object.keys(tenants).length > 0, 'needs at least one tenant'),
  })
  .transform(({ tenants, ...file }) => ({
    ...file,
    tenants: Object.fromEntries(
      Object.entries(tenants).map(([id, tenant]) => [
        id,
        { ...tenant, name: tenant.name ?? id, audience: tenant.audience ?? `${file.origin}/${id}` },
      ]),
    ),
  }))
type ConfigFile = z.infer<typeof ConfigFile>

export type TenantConfig = ConfigFile['tenants'][string]

/** Everything the server is told: the file, and what the environment overrides. */
export interface Config extends ConfigFile {
  host: string
  port: number
  /** PORTICO_SECRET, newest first. */
  secrets: string[]
}
