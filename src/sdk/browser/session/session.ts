import type { ErrorState, SignedOutState, UnknownState } from '../auth-state.ts'
import type { AccessToken } from './access-token.ts'
import type { MemberRecord, SessionRecord } from './session-record.ts'

/** A sign-in just completed. */
export interface FreshSession {
  record: MemberRecord
  token: AccessToken
  key: CryptoKeyPair | undefined
}

/** Who is here, as this tab knows it, and with which tokens. */
export interface Session {
  readonly record: SessionRecord | undefined
  /** Publishes who is kept, or else a new guest, or `news` where there are none. */
  restore(news?: SignedOutState | UnknownState | ErrorState): Promise<void>
  /** Keeps a new sign-in; answers who it replaced. */
  begin(fresh: FreshSession): Promise<SessionRecord | undefined>
  /** Ends who is here, in this tab, the store and the other tabs; answers who that was. */
  end(reason?: 'signed-out'): Promise<SessionRecord | undefined>
  /** Keeps how far the news has got that a guest is now this member. */
  settleUpgrade(login: string, status: MemberRecord['guestUpgrade']): Promise<void>
  /** Answers a token that may be sent now, renewing when it must. */
  accessToken(): Promise<AccessToken>
  /** Renews for another company, or for none, in every tab. */
  switchCompany(company: string | null): Promise<void>
  /** Answers the key this sign-in's tokens are bound to, if they are. */
  key(): Promise<CryptoKeyPair | undefined>
  /** Makes the next call renew, because an API has refused this token. */
  refuse(token: AccessToken): void
  /** Counts ends: what was begun under another number is thrown away. */
  readonly epoch: number
}
