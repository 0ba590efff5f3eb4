import { hashOf } from './hash.ts'
import type { Db } from './store.ts'

/** What a shop keeps about a session: who browses where, in which currency and language, and notes of its own. */
export interface SessionContextValues {
  siteCode?: string | undefined
  currency?: string | undefined
  language?: string | undefined
  targetLocation?: string | undefined
  context?: Record<string, unknown> | undefined
}

export interface SessionContext {
  tenant: string
  /** The continuity id; only its hash is stored. */
  sessionId: string
  version: number
  values: SessionContextValues
  forgetAt: number
}

export async function findSessionContext(
  db: Db,
  tenant: string,
  sessionId: string,
): Promise<Pick<SessionContext, 'version' | 'values'> | undefined> {
  const row = await db
    .selectFrom('session_contexts')
    .select(['version', 'values_json'])
    .where('tenant', '=', tenant)
    .where('session_hash', '=', hashOf(sessionId))
    .executeTakeFirst()
  return row && { version: row.version, values: JSON.parse(row.values_json) }
}

/** Keeps a session's first context. `false` when it has one. */
export async function insertSessionContext(db: Db, context: SessionContext): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('session_contexts')
    .values({
      tenant: context.tenant,
      session_hash: hashOf(context.sessionId),
      version: context.version,
      values_json: JSON.stringify(context.values),
      forget_at: context.forgetAt,
    })
    .onConflict((conflict) => conflict.columns(['tenant', 'session_hash']).doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

/**
 * Replaces the context of `version` by the next one; the first may not be stored yet. Of any number of callers at once
 * exactly one gets `true`.
 */
export async function updateSessionContext(db: Db, next: SessionContext & { isFirst: boolean }): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('session_contexts')
    .set({ version: next.version + 1, values_json: JSON.stringify(next.values), forget_at: next.forgetAt })
    .where('tenant', '=', next.tenant)
    .where('session_hash', '=', hashOf(next.sessionId))
    .where('version', '=', next.version)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 1n) return true
  return next.isFirst && insertSessionContext(db, { ...next, version: next.version + 1 })
}
