import type { GuestSealer } from './guest-session.ts'
import type { GuestTemplates } from './guest-templates.ts'
import type { NetworkLimit } from './network-limit.ts'

/** What a tenant keeps for its guests. */
export interface GuestServices {
  sealer: GuestSealer
  limit: NetworkLimit
  templates: GuestTemplates
}
