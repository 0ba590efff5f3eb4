import type { ClientConfig } from '../config/schema.ts'
import { errors } from '../engine/engine-errors.ts'
import type { UserRow } from '../store/tables.ts'
import { findUserByName } from '../store/users.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { foldName } from '../users/fold-name.ts'

/** The users whose roles guests have. */
export interface GuestTemplates {
  /** @throws `invalid_grant` when the client's template is gone or disabled */
  load(client: ClientConfig, now: number): Promise<UserRow>
}

/** Guests come by the thousand and a template changes once a year: how late its change may be noticed. */
const FRESH_MS = 1000

interface Read {
  template: Promise<UserRow | undefined>
  at: number
}

/** Reads each template at most once a second, on every node and either database. */
export function createGuestTemplates({ id, services }: Tenant): GuestTemplates {
  const reads = new Map<string, Read>()

  function read(name: string, now: number): Read {
    const started = { template: findUserByName(services.store.db, id, foldName(name)), at: now }
    reads.set(name, started)
    // A failed read is not kept: the next request tries again.
    started.template.catch(() => reads.delete(name))
    return started
  }

  return {
    async load(client, now) {
      const name = client.guest?.template_user ?? ''
      const known = reads.get(name)
      const isFresh = known !== undefined && now >= known.at && now - known.at < FRESH_MS
      const template = await (isFresh ? known : read(name, now)).template
      if (!template?.guest_template || template.disabled_at !== null)
        throw new errors.InvalidGrant('this client has no usable template user for guests')
      return template
    },
  }
}
