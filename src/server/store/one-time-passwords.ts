import { hashOf } from './hash.ts'
import type { Db } from './store.ts'

export interface NewOneTimePassword {
  tenant: string
  userId: string
  clientId: string
  /** In its one form. */
  password: string
  expiresAt: number
  tries: number
}

/** Keeps it in the place of the person's older one. */
export async function putOneTimePassword(db: Db, given: NewOneTimePassword): Promise<void> {
  const { tenant, userId: user_id, clientId: client_id, password, expiresAt: expires_at, tries: tries_left } = given
  await db
    .insertInto('one_time_passwords')
    .values({ tenant, user_id, client_id, password_hash: hashOf(password), expires_at, tries_left })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'user_id']).doUpdateSet((eb) => ({
        client_id: eb.ref('excluded.client_id'),
        password_hash: eb.ref('excluded.password_hash'),
        expires_at: eb.ref('excluded.expires_at'),
        tries_left: eb.ref('excluded.tries_left'),
      })),
    )
    .execute()
}

export interface OneTimePasswordUse {
  tenant: string
  userId: string
  clientId: string
  password: string
}

/** Spends it. Of any number of uses at once one succeeds; a wrong one takes a try from the right one. */
export async function spendOneTimePassword(db: Db, use: OneTimePasswordUse, now: number): Promise<boolean> {
  const { tenant, userId, clientId, password } = use
  const spent = await db
    .deleteFrom('one_time_passwords')
    .where('tenant', '=', tenant)
    .where('user_id', '=', userId)
    .where('client_id', '=', clientId)
    .where('password_hash', '=', hashOf(password))
    .where('expires_at', '>', now)
    .where('tries_left', '>', 0)
    .executeTakeFirst()
  if (spent.numDeletedRows === 1n) return true
  await db
    .updateTable('one_time_passwords')
    .set((eb) => ({ tries_left: eb('tries_left', '-', 1) }))
    .where('tenant', '=', tenant)
    .where('user_id', '=', userId)
    .execute()
  return false
}

/** Whatever was mailed to this person is good for nothing any more. */
export async function deleteOneTimePassword(db: Db, { tenant, userId }: { tenant: string; userId: string }) {
  await db.deleteFrom('one_time_passwords').where('tenant', '=', tenant).where('user_id', '=', userId).execute()
}
