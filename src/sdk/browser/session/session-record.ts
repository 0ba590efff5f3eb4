import type { AuthUser, MemberState } from '../auth-state.ts'

/** One sign-in on this device, as it is kept. The access token is not part of it: that stays in memory. */
export interface SessionRecord {
  /** Names this sign-in on this device; the next one has another. */
  login: string
  /** Counts renewals, so that tabs can tell which of two is newer. */
  generation: number
  user: AuthUser
  roles: readonly string[]
  company?: string
  sessionId: string
  refreshToken: string | undefined
  /** Shown to the issuer when signing out. */
  idToken: string
  /** What {@link Clock} had learned. */
  clockOffsetMs: number
  /** Device time in epoch milliseconds. */
  signedInAt: number
}

/** What the app sees of a session. */
export function toMemberState({ user, roles, company, sessionId }: SessionRecord): MemberState {
  return { status: 'member', user, roles, ...(company !== undefined && { company }), sessionId }
}
