import type { Configuration } from 'openid-client'
import type { CodeUpstreamConfig, ExchangeUpstreamConfig } from '../config/schema.ts'
import { createSealer, type Sealer } from '../keys/sealing.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { discoverClient, discoverKeys, type SubjectTokenKeys } from './discover.ts'
import { remembered } from './remembered.ts'

/** A provider that sends people back with a code. */
export interface CodeUpstream {
  config: CodeUpstreamConfig
  /** Where it sends people back to: an address of its own, so that no other provider's answer can be taken for its. */
  redirectUri: string
  /** Its metadata and keys, asked for when somebody needs them. Rejects when it can't be reached or can't be trusted. */
  connect(): Promise<Configuration>
}

/** A provider whose tokens are traded in. */
export interface ExchangeUpstream {
  config: ExchangeUpstreamConfig
  /** The keys that sign its tokens, in the same way. */
  loadKeys(): Promise<SubjectTokenKeys>
}

/** The providers of a tenant, by name, in the operator's order. */
export interface Upstreams {
  tenant: Tenant
  withCode: ReadonlyMap<string, CodeUpstream>
  withExchange: ReadonlyMap<string, ExchangeUpstream>
  /** For what has to be kept while a person is at a provider. */
  sealer: Sealer
}

export function createUpstreams(tenant: Tenant): Upstreams {
  const { upstream } = tenant.config
  const withCode = upstream
    .filter((config) => config.flow === 'code')
    .map((config) => ({
      config,
      redirectUri: `${tenant.issuer}${callbackPath(config.name)}`,
      connect: remembered(() => discoverClient(config)),
    }))
  const withExchange = upstream
    .filter((config) => config.flow === 'exchange')
    .map((config) => ({ config, loadKeys: remembered(() => discoverKeys(config)) }))
  return {
    tenant,
    withCode: byName(withCode),
    withExchange: byName(withExchange),
    sealer: createSealer(tenant.services.secrets, 'upstream request'),
  }
}

/** Below the tenant's path. */
export function callbackPath(name: string): string {
  return `/upstream/${name}/callback`
}

function byName<U extends { config: { name: string } }>(upstreams: U[]): ReadonlyMap<string, U> {
  return new Map(upstreams.map((upstream) => [upstream.config.name, upstream]))
}
