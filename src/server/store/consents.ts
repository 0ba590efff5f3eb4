import type { Db } from './store.ts'
import type { ConsentRow } from './tables.ts'

export interface Consent extends Omit<ConsentRow, 'scope'> {
  /** Scope values, sorted. */
  scope: string[]
}

type ConsentKey = { tenant: string; userId: string; clientId: string }

export async function findConsent(db: Db, key: ConsentKey): Promise<Consent | undefined> {
  const row = await one(db, key).executeTakeFirst()
  return row && consentOf(row)
}

/** What a person allows a client, and keeps it so until the running transaction ends. */
export async function lockConsent(tx: Db, key: ConsentKey): Promise<Consent | undefined> {
  const row = await one(tx, key).forShare().executeTakeFirst()
  return row && consentOf(row)
}

/** Adds scope values to what a person allowed a client before. */
export async function grantConsent(
  db: Db,
  { scope, ...key }: ConsentKey & { scope: string[] },
  now: number,
): Promise<void> {
  for (;;) {
    const before = await one(db, key).executeTakeFirst()
    const union = [...new Set([...words(before?.scope), ...scope])].sort().join(' ')
    // Two tabs may allow at once: whoever finds the row changed in between adds to what is there now.
    if (await (before ? replace(db, before, union, now) : insert(db, key, union, now))) return
  }
}

async function insert(db: Db, { tenant, userId, clientId }: ConsentKey, scope: string, now: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('consents')
    .values({ tenant, user_id: userId, client_id: clientId, scope, granted_at: now })
    .onConflict((conflict) => conflict.columns(['tenant', 'user_id', 'client_id']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

async function replace(db: Db, before: ConsentRow, scope: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('consents')
    .set({ scope, granted_at: now })
    .where('tenant', '=', before.tenant)
    .where('user_id', '=', before.user_id)
    .where('client_id', '=', before.client_id)
    .where('scope', '=', before.scope)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Takes a consent back; `false` when there was none. */
export async function withdrawConsent(db: Db, { tenant, userId, clientId }: ConsentKey): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('consents')
    .where('tenant', '=', tenant)
    .where('user_id', '=', userId)
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** What a person allowed, newest first. */
export async function listConsents(db: Db, tenant: string, userId: string): Promise<Consent[]> {
  const rows = await db
    .selectFrom('consents')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('user_id', '=', userId)
    .orderBy('granted_at', 'desc')
    .orderBy('client_id')
    .execute()
  return rows.map(consentOf)
}

function one(db: Db, { tenant, userId, clientId }: ConsentKey) {
  return db
    .selectFrom('consents')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('user_id', '=', userId)
    .where('client_id', '=', clientId)
}

function consentOf(row: ConsentRow): Consent {
  return { ...row, scope: words(row.scope) }
}

function words(scope: string | undefined): string[] {
  return scope ? scope.split(' ') : []
}
