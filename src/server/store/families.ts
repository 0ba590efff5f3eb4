import { hashOf } from './hash.ts'
import type { Db } from './store.ts'
import type { FamilyRow } from './tables.ts'

/** What every ID token of one login repeats. */
export type Authentication = Record<string, unknown>

export interface Family extends Omit<FamilyRow, 'authentication'> {
  authentication: Authentication
}

export interface NewFamily extends Omit<Family, 'session_hash' | 'ended_at' | 'end_reason'> {
  /** Plain uid of the portal session; only its hash is stored. */
  session_uid: string | null
}

/** A login that just ended: what revocation lists and logout notices need. */
export type EndedFamily = Pick<FamilyRow, 'id' | 'user_id' | 'client_id' | 'session_id'>

interface Ending {
  tenant: string
  /** A word for the audit table, e.g. `signed-out`. */
  reason: string
  now: number
}

export async function insertFamily(db: Db, { session_uid, authentication, ...family }: NewFamily): Promise<void> {
  await db
    .insertInto('families')
    .values({
      ...family,
      session_hash: session_uid === null ? null : hashOf(session_uid),
      authentication: JSON.stringify(authentication),
      ended_at: null,
      end_reason: null,
    })
    .execute()
}

/** Finds a login, ended or not. */
export async function findFamily(db: Db, { tenant, id }: { tenant: string; id: string }): Promise<Family | undefined> {
  const row = await db
    .selectFrom('families')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && familyOf(row)
}

/** Logins of a person that are neither ended nor past their absolute end, newest first. */
export async function listLiveFamilies(
  db: Db,
  { tenant, userId, now }: { tenant: string; userId: string; now: number },
): Promise<Family[]> {
  const rows = await db
    .selectFrom('families')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('absolute_end', '>', now)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute()
  return rows.map(familyOf)
}

/** Ends the named logins. Answers with those that this call ended. */
export async function endFamilies(db: Db, { ids, ...ending }: Ending & { ids: string[] }): Promise<EndedFamily[]> {
  if (ids.length === 0) return []
  return end(db, ending).where('id', 'in', ids).execute()
}

/** Ends every login made in one portal session. */
export async function endFamiliesBySession(
  db: Db,
  { sessionUid, ...ending }: Ending & { sessionUid: string },
): Promise<EndedFamily[]> {
  return end(db, ending).where('session_hash', '=', hashOf(sessionUid)).execute()
}

/** Ends every login of a person, or only those at one client. */
export async function endFamiliesByUser(
  db: Db,
  { userId, clientId, ...ending }: Ending & { userId: string; clientId?: string },
): Promise<EndedFamily[]> {
  return end(db, ending)
    .where('user_id', '=', userId)
    .$if(clientId !== undefined, (query) => query.where('client_id', '=', clientId ?? ''))
    .execute()
}

function end(db: Db, { tenant, reason, now }: Ending) {
  return db
    .updateTable('families')
    .set({ ended_at: now, end_reason: reason })
    .where('tenant', '=', tenant)
    .where('ended_at', 'is', null)
    .returning(['id', 'user_id', 'client_id', 'session_id'])
}

function familyOf(row: FamilyRow): Family {
  return { ...row, authentication: JSON.parse(row.authentication) }
}
