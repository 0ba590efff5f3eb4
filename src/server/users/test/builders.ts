import { randomUUID } from 'node:crypto'
import { createAudit } from '../../audit/audit.ts'
import type { Config, UserConfig } from '../../config/schema.ts'
import type { PasswordHasher } from '../../passwords/password-hasher.ts'
import type { Services } from '../../services.ts'
import type { Store } from '../../store/store.ts'
import { createTenant, type Tenant } from '../../tenant/tenant.ts'
import { aConfig } from '../../test/test-config.ts'
import type { Credentials } from '../check-credentials.ts'

/** Cheap, so that the tests spend their time elsewhere. */
export const cheapHashes = { memoryKiB: 64, passes: 1, lanes: 1 }

export const PASSWORD = 'correct horse'

export function aPerson(overrides: Partial<UserConfig> = {}): UserConfig {
  return {
    username: `user-${randomUUID()}`,
    email_verified: false,
    password: PASSWORD,
    roles: [],
    legal_entities: [],
    guest_template: false,
    ...overrides,
  }
}

interface Below {
  store: Store
  hasher: PasswordHasher
  config?: Config
  id?: string
}

/** A tenant as far as the checking of credentials needs it: without pages and addresses. */
export function aTenantOf({ store, hasher, config = aConfig(), id = 'demo' }: Below): Tenant {
  const { limits, secrets, tenants } = config
  const services = { store, hasher, limits, secrets, audit: createAudit(store, { info: () => {} }) }
  return createTenant(id, tenants.demo as (typeof tenants)[string], services as unknown as Services)
}

/** Each from a network of its own. */
export function credentials(overrides: Partial<Credentials> & { name: string }): Credentials {
  return { password: PASSWORD, clientId: 'catalog', ip: aNetwork(), requestId: 'r', ...overrides }
}

let networks = 0
/** An address in a network that no test has used. */
export function aNetwork(): string {
  networks += 1
  return `10.${networks >> 8}.${networks & 255}.1`
}
