import { prepareQuery } from './prepared-query.ts'
import type { Db } from './store.ts'
import type { RevokedTokenRow } from './tables.ts'

export interface TokenRevocation {
  tenant: string
  jti: string
  /** When the token has ended by itself, on everybody's clock. */
  forgetAt: number
}

/** Ends one access token, and nothing else of its login. Revoking it again changes nothing. */
export async function revokeToken(db: Db, { tenant, jti, forgetAt }: TokenRevocation): Promise<void> {
  await db
    .insertInto('revoked_tokens')
    .values({ tenant, jti, forget_at: forgetAt })
    .onConflict((conflict) => conflict.columns(['tenant', 'jti']).doNothing())
    .execute()
}

export async function isTokenRevoked(db: Db, tenant: string, jti: string): Promise<boolean> {
  const { rows } = await byJti(db, { tenant, jti })
  return rows.length > 0
}

const byJti = prepareQuery<{ tenant: string; jti: string }, Pick<RevokedTokenRow, 'jti'>>((db, value) =>
  db.selectFrom('revoked_tokens').select('jti').where('tenant', '=', value('tenant')).where('jti', '=', value('jti')),
)

/** Access tokens that were revoked and would still be good without it. */
export async function listRevokedTokens(db: Db, tenant: string, now: number): Promise<RevokedTokenRow[]> {
  return db
    .selectFrom('revoked_tokens')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('forget_at', '>', now)
    .orderBy('forget_at')
    .execute()
}
