import type {
  ClientView,
  PersonView,
  ProblemCode,
  ProblemPage,
  TenantView,
  UpstreamView,
} from '../../contract/page-state.ts'
import type { ClientConfig } from '../config/schema.ts'
import type { UserRow } from '../store/tables.ts'
import type { Tenant } from '../tenant/tenant.ts'

export function tenantView(tenant: Tenant): TenantView {
  return { id: tenant.id, name: tenant.config.name }
}

export function clientView(client: ClientConfig): ClientView {
  return {
    name: client.client_name,
    ...(client.client_uri === undefined ? {} : { uri: client.client_uri }),
    ...(client.policy_uri === undefined ? {} : { policyUri: client.policy_uri }),
    ...(client.tos_uri === undefined ? {} : { tosUri: client.tos_uri }),
  }
}

export function personView(user: UserRow): PersonView {
  return { name: user.name ?? user.username, username: user.username }
}

export function upstreamViews(tenant: Tenant): UpstreamView[] {
  return tenant.config.upstream
    .filter((upstream) => upstream.flow === 'code')
    .map(({ name, label }) => ({ name, label }))
}

/** A page that says what happened. Without a known app it offers the tenant's first one that has a home page. */
export function problemPage(
  problem: ProblemCode,
  {
    tenant,
    client,
    restart,
    requestId,
  }: { tenant?: Tenant; client?: ClientConfig | undefined; restart?: string; requestId: string },
): ProblemPage {
  const wayOn = client ?? (tenant && homeClient(tenant))
  return {
    page: 'problem',
    problem,
    requestId,
    ...(tenant && { tenant: tenantView(tenant) }),
    ...(wayOn && { client: clientView(wayOn) }),
    ...(restart === undefined ? {} : { restart }),
  }
}

export function homeClient(tenant: Tenant): ClientConfig | undefined {
  return [...tenant.clients.values()].find((client) => client.client_uri !== undefined)
}
