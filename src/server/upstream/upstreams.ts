import type { Configuration } from 'openid-client'
import type { UpstreamConfig } from '../config/schema.ts'
import { createSealer, type Sealer } from '../keys/sealing.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { discover } from './discover.ts'
import { remembered } from './remembered.ts'

/** A provider people may sign in through. */
export interface Upstream {
  config: UpstreamConfig
  /** Where it sends people back to: an address of its own, so that no other provider's answer can be taken for its. */
  redirectUri: string
  /** Its metadata and keys, asked for when somebody needs them. Rejects when it can't be reached or can't be trusted. */
  connect(): Promise<Configuration>
}

/** The providers of a tenant. */
export interface Upstreams {
  tenant: Tenant
  byName: ReadonlyMap<string, Upstream>
  /** For what has to be kept while a person is at a provider. */
  sealer: Sealer
}

export function createUpstreams(tenant: Tenant): Upstreams {
  const upstreams = tenant.config.upstream.map((config) => ({
    config,
    redirectUri: `${tenant.issuer}${callbackPath(config.name)}`,
    connect: remembered(() => discover(config)),
  }))
  return {
    tenant,
    byName: new Map(upstreams.map((upstream) => [upstream.config.name, upstream])),
    sealer: createSealer(tenant.services.secrets, 'upstream request'),
  }
}

/** Below the tenant's path. */
export function callbackPath(name: string): string {
  return `/upstream/${name}/callback`
}
