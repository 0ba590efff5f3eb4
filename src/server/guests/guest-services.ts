import type { GuestLimit } from './guest-limit.ts'
import type { GuestSealer } from './guest-session.ts'
import type { GuestTemplates } from './guest-templates.ts'

/** What a tenant keeps for its guests. */
export interface GuestServices {
  sealer: GuestSealer
  limit: GuestLimit
  templates: GuestTemplates
}
