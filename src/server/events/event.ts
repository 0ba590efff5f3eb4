import type { TenantConfig } from '../config/schema.ts'

/** Whose events these are, and who wants to hear of them. */
export interface EventTenant {
  id: string
  config: Pick<TenantConfig, 'webhooks'>
}

/** What each type of event tells, with its names on the wire. */
export interface EventData {
  /** A guest became a member: what was kept under `session_id` now belongs to `member_sub`. */
  'guest.upgraded': {
    tenant: string
    session_id: string
    guest_sub: string
    member_sub: string
    client_id: string
    tracking_id?: string
  }
}

export type EventType = keyof EventData
