import { findRecord } from '../../store/engine-records.ts'
import type { Db } from '../../store/store.ts'

/** A code and what the engine wrote down about the sign-in when it made it. */
export interface StoredCode {
  value: string
  /** Epoch milliseconds; nothing while it is unspent. */
  consumedAt: number | undefined
  /** Epoch seconds. */
  exp: number
  accountId: string
  clientId: string
  /** Also the id of the family it starts. */
  grantId: string
  sessionUid?: string
  redirectUri?: string
  scope?: string
  codeChallenge?: string
  codeChallengeMethod?: string
  /** The key it is bound to; of a spent code, the one it was spent with. */
  dpopJkt?: string
  authTime?: number
  acr?: string
  amr?: string[]
  nonce?: string
}

/** Finds a code, spent or not, past its end or not. */
export async function findStoredCode(db: Db, tenant: string, value: string): Promise<StoredCode | undefined> {
  const record = await findRecord(db, codeKey(tenant, value))
  if (!record) return undefined
  return { ...(record.payload as unknown as StoredCode), value, consumedAt: record.consumedAt ?? undefined }
}

export function codeKey(tenant: string, value: string) {
  return { tenant, model: 'AuthorizationCode', id: value }
}
