import type { Selectable } from 'kysely'
import { hashOf } from './hash.ts'
import type { Db } from './store.ts'
import type { EngineRecordRow } from './tables.ts'

export interface EngineRecordKey {
  tenant: string
  /** The engine's model name, e.g. `AuthorizationCode`. */
  model: string
  /** As the engine knows it; only its hash is stored. */
  id: string
}

export interface NewEngineRecord extends EngineRecordKey {
  /** Stored without `jti`, which is the plain id. */
  payload: Record<string, unknown>
  grantId?: string | undefined
  uid?: string | undefined
  /** Epoch milliseconds; null never ends. */
  expiresAt: number | null
}

export interface EngineRecord {
  payload: Record<string, unknown>
  consumedAt: number | null
}

/** Writes a record or replaces its content; one that was used stays used. */
export async function upsertEngineRecord(db: Db, record: NewEngineRecord): Promise<void> {
  const { jti: _plainId, ...payload } = record.payload
  const content = {
    payload: JSON.stringify(payload),
    grant_hash: record.grantId === undefined ? null : hashOf(record.grantId),
    uid_hash: record.uid === undefined ? null : hashOf(record.uid),
    expires_at: record.expiresAt,
  }
  await db
    .insertInto('engine_records')
    .values({ tenant: record.tenant, model: record.model, id_hash: hashOf(record.id), consumed_at: null, ...content })
    .onConflict((conflict) => conflict.columns(['tenant', 'model', 'id_hash']).doUpdateSet(content))
    .execute()
}

export async function findEngineRecord(
  db: Db,
  { id, ...key }: EngineRecordKey,
  now: number,
): Promise<EngineRecord | undefined> {
  const row = await live(db, key, now).where('id_hash', '=', hashOf(id)).executeTakeFirst()
  return row && { payload: { ...contentOf(row), jti: id }, consumedAt: row.consumed_at }
}

/** Finds by the second id; the payload lacks `jti`, which only the holder of the plain id knows. */
export async function findEngineRecordByUid(
  db: Db,
  { uid, ...key }: { tenant: string; model: string; uid: string },
  now: number,
): Promise<EngineRecord | undefined> {
  const row = await live(db, key, now).where('uid_hash', '=', hashOf(uid)).executeTakeFirst()
  return row && { payload: contentOf(row), consumedAt: row.consumed_at }
}

/** Marks a record used. Of any number of callers at once exactly one gets `true`. */
export async function consumeEngineRecord(db: Db, { tenant, model, id }: EngineRecordKey, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('engine_records')
    .set({ consumed_at: now })
    .where('tenant', '=', tenant)
    .where('model', '=', model)
    .where('id_hash', '=', hashOf(id))
    .where('consumed_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function destroyEngineRecord(db: Db, { tenant, model, id }: EngineRecordKey): Promise<void> {
  await db
    .deleteFrom('engine_records')
    .where('tenant', '=', tenant)
    .where('model', '=', model)
    .where('id_hash', '=', hashOf(id))
    .execute()
}

/** Removes what was issued under a grant: of one model, or of all. */
export async function destroyEngineRecordsByGrant(
  db: Db,
  { tenant, grantId, model }: { tenant: string; grantId: string; model?: string },
): Promise<void> {
  await db
    .deleteFrom('engine_records')
    .where('tenant', '=', tenant)
    .where('grant_hash', '=', hashOf(grantId))
    .$if(model !== undefined, (query) => query.where('model', '=', model ?? ''))
    .execute()
}

/** A record past its end is as good as swept. */
function live(db: Db, { tenant, model }: { tenant: string; model: string }, now: number) {
  return db
    .selectFrom('engine_records')
    .select(['payload', 'consumed_at'])
    .where('tenant', '=', tenant)
    .where('model', '=', model)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
}

function contentOf(row: Pick<Selectable<EngineRecordRow>, 'payload'>): Record<string, unknown> {
  return JSON.parse(row.payload)
}
