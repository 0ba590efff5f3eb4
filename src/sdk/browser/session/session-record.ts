import type { AuthUser } from '../auth-state.ts'

/** What a guest's and a member's record have in common. The access token is no part of it: that stays in memory. */
interface KeptSession {
  /** Names this sign-in, or this guest, on this device; the next one has another. */
  login: string
  /** Counts renewals, so that tabs can tell which of two is newer. */
  generation: number
  sessionId: string
  refreshToken: string | undefined
  /** What {@link Clock} had learned. */
  clockOffsetMs: number
}

/** One guest on this device, as it is kept. */
export interface GuestRecord extends KeptSession {
  kind: 'guest'
  sub: string
  company?: undefined
}

/** One sign-in on this device, as it is kept. */
export interface MemberRecord extends KeptSession {
  kind: 'member'
  user: AuthUser
  roles: readonly string[]
  /** The company the person acts for; asked for again at each renewal. */
  company?: string
  /** The one they acted for is theirs no more, and they have not chosen since. */
  isCompanyLost?: true
  /** Shown to the issuer when signing out. */
  idToken: string
  /** Device time in epoch milliseconds. */
  signedInAt: number
  /** Who was a guest here: how far the news of it has got. */
  guestUpgrade?: 'none' | 'pending' | 'done' | 'failed'
}

/** Who is here on this device. */
export type SessionRecord = GuestRecord | MemberRecord
