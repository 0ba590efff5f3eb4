import type { Db } from './store.ts'
import type { TenantKeyRow } from './tables.ts'

export async function insertTenantKey(db: Db, key: TenantKeyRow): Promise<void> {
  await db.insertInto('tenant_keys').values(key).execute()
}

/** A tenant's keys, newest first. */
export async function listTenantKeys(db: Db, tenant: string): Promise<TenantKeyRow[]> {
  return db
    .selectFrom('tenant_keys')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('created_at', 'desc')
    .orderBy('kid')
    .execute()
}

/** Replaces the encryption of a key, not the key. */
export async function resealTenantKey(
  db: Db,
  { tenant, kid, sealed_jwk }: TenantKeyRow,
  resealed: string,
): Promise<void> {
  await db
    .updateTable('tenant_keys')
    .set({ sealed_jwk: resealed })
    .where('tenant', '=', tenant)
    .where('kid', '=', kid)
    .where('sealed_jwk', '=', sealed_jwk)
    .execute()
}
