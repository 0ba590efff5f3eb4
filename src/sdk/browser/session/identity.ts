import type { AuthIdentity, ErrorState, GuestReason, MemberState, SignedOutState, UnknownState } from '../auth-state.ts'
import type { GuestRecord, MemberRecord, SessionRecord } from './session-record.ts'

/** Something to tell besides who is here; the guest who follows must not make it unheard. */
export type News = SignedOutState | UnknownState | ErrorState | { readonly status: 'replaced' }

/** What the app sees of whoever is here. */
export function toIdentity(record: SessionRecord, news?: News): AuthIdentity {
  if (record.kind !== 'guest') return toMemberState(record)
  if (news?.status === 'unknown' || news?.status === 'error') return news
  return toGuestState(record, news?.status === 'replaced' ? 'replaced' : news?.reason)
}

function toMemberState({ user, roles, company, sessionId }: MemberRecord): MemberState {
  return { status: 'member', user, roles, ...(company !== undefined && { company }), sessionId }
}

function toGuestState({ sub, sessionId }: GuestRecord, reason?: GuestReason): AuthIdentity {
  return { status: 'guest', sub, sessionId, ...(reason && { reason }) }
}
