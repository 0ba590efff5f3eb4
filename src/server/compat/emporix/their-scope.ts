import type { Tenant } from '../../tenant/tenant.ts'

/** What a token is good for, the tenant first. */
export function theirScope({ id }: Tenant, scope: unknown): string {
  return [`tenant=${id}`, ...String(scope ?? '').split(' ')].filter(Boolean).join(' ')
}
