import type { AuthIdentity } from '../auth-state.ts'
import type { AccessToken } from './access-token.ts'
import type { SessionRecord } from './session-record.ts'

/** A sign-in just completed. */
export interface FreshSession {
  record: SessionRecord
  token: AccessToken
  key: CryptoKeyPair | undefined
}

/** Who is signed in to this client, as this tab knows it, and with which tokens. */
export interface Session {
  /** Publishes what is kept, or `otherwise` when that is nothing. */
  restore(otherwise?: AuthIdentity): Promise<void>
  /** Keeps a new sign-in; answers the session it replaced. */
  begin(fresh: FreshSession): Promise<SessionRecord | undefined>
  /** Signs out here, in the store and in the other tabs; answers the session there was. */
  end(): Promise<SessionRecord | undefined>
  /** Answers a token that may be sent now, renewing when it must. */
  accessToken(): Promise<AccessToken>
  /** Answers the key this sign-in's tokens are bound to, if they are. */
  key(): Promise<CryptoKeyPair | undefined>
  /** Makes the next call renew, because an API has refused this token. */
  refuse(token: AccessToken): void
  /** Counts ends: what was begun under another number is thrown away. */
  readonly epoch: number
}
