import type { SigningAlg } from '../../keys/token-signer.ts'
import type { UserRow } from '../../store/tables.ts'

/**
 * How the clients of an older API expect their tokens. Chosen by whoever calls a grant in process, never by what a
 * client sends.
 */
export interface TokenDialect {
  /** Signs access tokens instead of ES256. */
  alg?: SigningAlg
  /** Claims beside those of RFC 9068 and ours, which they can't replace. */
  accessTokenClaims?(subject: TokenSubject): Record<string, unknown>
  /** Less than the client's own, which the revocation list goes by. */
  accessTokenTtlSeconds?: number
  /** A guest gets one access token, for this long whatever the client says, and nothing to renew it with. */
  guestTtlSeconds?: number
  /**
   * Of the logins that begin in it, instead of the client's own. Kept with them: a token that rotates can't be kept from
   * rotating by showing it to an older API.
   */
  rotation?: 'rotate' | 'fixed'
  /** Whom an app that acts for itself has the roles of; its subject stays its own. */
  contextUser?: UserRow | undefined
}

/** Whom an access token is about. */
export interface TokenSubject {
  sub: string
  /** Nothing where an app got one token for itself. */
  sid: string | undefined
  sessionId: string
  roles: readonly string[]
  /** A guest's is the template's; nobody where an app acts for itself. */
  user: UserRow | undefined
  isGuest: boolean
  /** When a guest ends for good. Epoch milliseconds. */
  visitEnd?: number
}
