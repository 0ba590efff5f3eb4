import { hashOf } from './hash.ts'
import type { Db } from './store.ts'
import type { EngineRecordRow } from './tables.ts'

export interface RecordKey {
  tenant: string
  /** The engine's model name, e.g. `AuthorizationCode`. */
  model: string
  /** As the engine knows it; only its hash is stored. */
  id: string
}

export interface NewRecord extends RecordKey {
  /** Stored without `jti`, which is the plain id. */
  payload: Record<string, unknown>
  grantId?: string | undefined
  uid?: string | undefined
  /** Whose session it is. */
  userId?: string | undefined
  /** Epoch milliseconds; without it the record never ends. */
  expiresAt?: number | undefined
}

export interface FoundRecord {
  payload: Record<string, unknown>
  consumedAt: number | null
}

/** Writes a record or replaces its content; one that was used stays used. */
export async function upsertRecord(db: Db, record: NewRecord): Promise<void> {
  const { tenant: _tenant, model: _model, id_hash: _id, consumed_at: _consumed, ...content } = rowOf(record)
  await db
    .insertInto('engine_records')
    .values(rowOf(record))
    .onConflict((conflict) => conflict.columns(['tenant', 'model', 'id_hash']).doUpdateSet(content))
    .execute()
}

/** Writes a record unless there is one. Of any number of callers at once exactly one gets `true`. */
export async function insertRecord(db: Db, record: NewRecord): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('engine_records')
    .values(rowOf(record))
    .onConflict((conflict) => conflict.columns(['tenant', 'model', 'id_hash']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/** Finds a record, used or not, past its end or not: until it is swept, a late replay can be told from a guess. */
export async function findRecord(db: Db, { id, ...key }: RecordKey): Promise<FoundRecord | undefined> {
  const row = await select(db, key).where('id_hash', '=', hashOf(id)).executeTakeFirst()
  return row && foundRecord(row)
}

/** Finds by the second id, e.g. a session by the one its tokens name. */
export async function findRecordByUid(
  db: Db,
  { uid, ...key }: Omit<RecordKey, 'id'> & { uid: string },
): Promise<FoundRecord | undefined> {
  const row = await select(db, key).where('uid_hash', '=', hashOf(uid)).executeTakeFirst()
  return row && foundRecord(row)
}

/** Whether the record is there, and keeps it there until the running transaction ends. */
export async function lockRecordByUid(
  tx: Db,
  { tenant, model, uid }: Omit<RecordKey, 'id'> & { uid: string },
): Promise<boolean> {
  const row = await tx
    .selectFrom('engine_records')
    .select('uid_hash')
    .where('tenant', '=', tenant)
    .where('model', '=', model)
    .where('uid_hash', '=', hashOf(uid))
    .forShare()
    .executeTakeFirst()
  return row !== undefined
}

/** Gives a record another id in place; `false` when there is none under the old one. */
export async function renameRecord(db: Db, { tenant, model, id }: RecordKey, newId: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('engine_records')
    .set({ id_hash: hashOf(newId) })
    .where('tenant', '=', tenant)
    .where('model', '=', model)
    .where('id_hash', '=', hashOf(id))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/**
 * Marks a record used. Of any number of callers at once exactly one gets `true`.
 * With `memoryMs` it is kept that much longer, so that its second use is still known for what it is.
 */
export async function consumeRecord(
  db: Db,
  { tenant, model, id }: RecordKey,
  now: number,
  memoryMs?: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('engine_records')
    .set({ consumed_at: now, ...(memoryMs === undefined ? {} : { expires_at: now + memoryMs }) })
    .where('tenant', '=', tenant)
    .where('model', '=', model)
    .where('id_hash', '=', hashOf(id))
    .where('consumed_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function destroyRecord(db: Db, { tenant, model, id }: RecordKey): Promise<void> {
  await db
    .deleteFrom('engine_records')
    .where('tenant', '=', tenant)
    .where('model', '=', model)
    .where('id_hash', '=', hashOf(id))
    .execute()
}

/** Removes everything that was issued under a grant. */
export async function destroyRecordsOfGrant(
  db: Db,
  { tenant, grantId }: { tenant: string; grantId: string },
): Promise<void> {
  await db.deleteFrom('engine_records').where('tenant', '=', tenant).where('grant_hash', '=', hashOf(grantId)).execute()
}

/** Removes what belongs to a person, e.g. their sessions; answers how many there were. */
export async function destroyRecordsOfUser(
  db: Db,
  { tenant, model, userId }: Omit<RecordKey, 'id'> & { userId: string },
): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('engine_records')
    .where('tenant', '=', tenant)
    .where('user_id', '=', userId)
    .where('model', '=', model)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

function select(db: Db, { tenant, model }: Omit<RecordKey, 'id'>) {
  return db
    .selectFrom('engine_records')
    .select(['payload', 'consumed_at'])
    .where('tenant', '=', tenant)
    .where('model', '=', model)
}

function rowOf({ tenant, model, id, grantId, uid, userId, expiresAt, payload }: NewRecord): EngineRecordRow {
  const { jti: _plainId, ...content } = payload
  return {
    tenant,
    model,
    id_hash: hashOf(id),
    payload: JSON.stringify(content),
    grant_hash: grantId === undefined ? null : hashOf(grantId),
    uid_hash: uid === undefined ? null : hashOf(uid),
    user_id: userId ?? null,
    expires_at: expiresAt ?? null,
    consumed_at: null,
  }
}

function foundRecord(row: Pick<EngineRecordRow, 'payload' | 'consumed_at'>): FoundRecord {
  return { payload: JSON.parse(row.payload), consumedAt: row.consumed_at }
}
