import type { Db } from '../store.ts'
import { first } from './0001-first.ts'
import { guests } from './0002-guests.ts'
import { oldFlows } from './0003-old-flows.ts'
import { revokedTokens } from './0004-revoked-tokens.ts'
import { throttles } from './0005-throttles.ts'
import { signOut } from './0006-sign-out.ts'
import { identities } from './0007-identities.ts'
import { sessionContexts } from './0008-session-contexts.ts'

/** In the order they are applied. A name that was released is never renamed, and its steps never change. */
export const migrations: Record<string, (tx: Db) => Promise<void>> = {
  '0001-first': first,
  '0002-guests': guests,
  '0003-old-flows': oldFlows,
  '0004-revoked-tokens': revokedTokens,
  '0005-throttles': throttles,
  '0006-sign-out': signOut,
  '0007-identities': identities,
  '0008-session-contexts': sessionContexts,
}
