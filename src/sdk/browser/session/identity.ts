import { AuthError } from '../../wire/auth-error.ts'
import type { AuthIdentity, ErrorState, GuestState, MemberState, SignedOutState, UnknownState } from '../auth-state.ts'
import type { GuestRecord, MemberRecord, SessionRecord } from './session-record.ts'

/** Something to tell besides who is here; the guest who follows must not make it unheard. */
export type News = SignedOutState | UnknownState | ErrorState | { readonly status: 'replaced' }

/** What the app sees of whoever is here. */
export function toIdentity(record: SessionRecord, news?: News): AuthIdentity {
  return record.kind === 'guest' ? toGuestState(record, news) : toMemberState(record)
}

function toMemberState({ user, roles, company, sessionId, isCompanyLost }: MemberRecord): MemberState {
  const acting = {
    ...(company !== undefined && { company }),
    ...(isCompanyLost && { reason: 'company-lost' as const }),
  }
  return { status: 'member', user, roles, sessionId, ...acting }
}

function toGuestState({ sub, sessionId }: GuestRecord, news: News | undefined): GuestState {
  return { status: 'guest', sub, sessionId, ...(news && asReason(news)) }
}

function asReason(news: News): Pick<GuestState, 'reason' | 'error'> {
  if (news.status === 'replaced') return { reason: 'replaced' }
  if (news.status === 'signed-out') return news.reason ? { reason: news.reason } : {}
  if (news.status === 'error') return { reason: 'sign-in-failed', error: news.error }
  if (news.reason === 'storage') return { reason: 'storage-unavailable' }
  return { reason: 'sign-in-failed', error: new AuthError(news.reason === 'network' ? 'network' : 'server') }
}
