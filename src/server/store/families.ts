import { sql } from 'kysely'
import { hashOf } from './hash.ts'
import { type LoginsOf, queueLogoutNotices, takeListeners } from './logout-listeners.ts'
import { prepareQuery } from './prepared-query.ts'
import type { Db } from './store.ts'
import type { FamilyRow } from './tables.ts'

export interface NewFamily {
  tenant: string
  id: string
  userId: string
  clientId: string
  /** Plain uid of the portal session; only its hash is stored. */
  sessionUid?: string | undefined
  sessionId: string
  /** Space-separated. */
  scope: string
  /** What every ID token of this login repeats; stored as JSON. */
  authentication: object
  createdAt: number
  absoluteEnd: number
}

/** A login that just ended: what revocation lists and logout notices need. */
export type EndedFamily = Pick<FamilyRow, 'id' | 'user_id' | 'client_id' | 'session_id'>

interface Ending {
  tenant: string
  /** A word for the audit table, e.g. `signed-out`. */
  reason: string
}

export async function insertFamily(db: Db, family: NewFamily): Promise<void> {
  await db
    .insertInto('families')
    .values({
      tenant: family.tenant,
      id: family.id,
      user_id: family.userId,
      client_id: family.clientId,
      session_hash: family.sessionUid === undefined ? null : hashOf(family.sessionUid),
      session_id: family.sessionId,
      scope: family.scope,
      authentication: JSON.stringify(family.authentication),
      created_at: family.createdAt,
      absolute_end: family.absoluteEnd,
      ended_at: null,
      end_reason: null,
    })
    .execute()
}

/** Finds a login, ended or not. */
export async function findFamily(db: Db, tenant: string, id: string): Promise<FamilyRow | undefined> {
  const { rows } = await byId(db, { tenant, id })
  return rows[0]
}

const byId = prepareQuery<{ tenant: string; id: string }, FamilyRow>((db, value) =>
  db.selectFrom('families').selectAll().where('tenant', '=', value('tenant')).where('id', '=', value('id')),
)

/** Logins of a person that are neither ended nor past their absolute end, newest first. */
export async function listLiveFamilies(
  db: Db,
  { tenant, userId }: { tenant: string; userId: string },
  now: number,
): Promise<FamilyRow[]> {
  return db
    .selectFrom('families')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('absolute_end', '>', now)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute()
}

/** Logins that ended since a moment, whose access tokens may still be about. */
export async function listFamiliesEndedSince(
  db: Db,
  tenant: string,
  since: number,
): Promise<{ id: string; client_id: string; ended_at: number | null }[]> {
  return db
    .selectFrom('families')
    .select(['id', 'client_id', 'ended_at'])
    .where('tenant', '=', tenant)
    .where('ended_at', '>', since)
    .orderBy('ended_at')
    .execute()
}

/** Ids of the clients a person is signed in at, in one portal session or anywhere. */
export async function listClientsSignedIn(
  db: Db,
  { tenant, userId, sessionUid }: { tenant: string; userId: string; sessionUid?: string },
  now: number,
): Promise<string[]> {
  const everywhere = db
    .selectFrom('families')
    .select('client_id')
    .distinct()
    .where('tenant', '=', tenant)
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('absolute_end', '>', now)
    .orderBy('client_id')
  const rows = await (sessionUid === undefined
    ? everywhere.execute()
    : everywhere.where('session_hash', '=', hashOf(sessionUid)).execute())
  return rows.map((row) => row.client_id)
}

/** Ends the named logins, in one transaction with the notices of it. Answers with those that this call ended. */
export async function endFamilies(db: Db, ending: Ending & { ids: string[] }, now: number): Promise<EndedFamily[]> {
  if (ending.ids.length === 0) return []
  const ended = await end(db, ending, now).where('id', 'in', ending.ids).execute()
  await tellClients(db, ending, { sids: ended.map(({ id }) => id) }, now)
  return ended
}

/**
 * Ends the logins made in one portal session, but for those meant to outlive it (OpenID Connect Core section 11): of
 * these the clients are told too, because the sessions they keep in this browser end.
 */
export async function endFamiliesBySession(
  db: Db,
  ending: Ending & { sessionUid: string },
  now: number,
): Promise<EndedFamily[]> {
  const ended = await end(db, ending, now)
    .where('session_hash', '=', hashOf(ending.sessionUid))
    .where(sql`' ' || scope || ' '`, 'not like', '% offline_access %')
    .execute()
  await tellClients(db, ending, { sessionUid: ending.sessionUid }, now)
  return ended
}

/** Ends every login of a person, or only those at one client. */
export async function endFamiliesByUser(
  db: Db,
  { userId, clientId, ...ending }: Ending & { userId: string; clientId?: string },
  now: number,
): Promise<EndedFamily[]> {
  const all = end(db, ending, now).where('user_id', '=', userId)
  const ended = await (clientId === undefined ? all : all.where('client_id', '=', clientId)).execute()
  await tellClients(db, ending, { userId, clientId }, now)
  return ended
}

/** A client that ended its own login knows, and so does one whose refresh comes too late: its session may go on. */
async function tellClients(db: Db, { tenant, reason }: Ending, logins: LoginsOf, now: number): Promise<void> {
  if (reason === 'expired') return
  if (reason === 'revoked') await takeListeners(db, tenant, logins)
  else await queueLogoutNotices(db, tenant, logins, now)
}

function end(db: Db, { tenant, reason }: Ending, now: number) {
  return db
    .updateTable('families')
    .set({ ended_at: now, end_reason: reason })
    .where('tenant', '=', tenant)
    .where('ended_at', 'is', null)
    .returning(['id', 'user_id', 'client_id', 'session_id'])
}
