import type { TokenDialect } from '../../engine/grants/token-dialect.ts'
import type { Tenant } from '../../tenant/tenant.ts'

/** Tokens as their apps read them. A refresh token is never replaced: it lasts until its end, then the member is minted anew. */
export function circleDialect({ config }: Tenant): TokenDialect {
  return {
    rotation: 'fixed',
    accessTokenClaims: ({ user }) => ({
      community_id: config.community_id,
      community_member_id: user?.member_id ?? null,
      sso_user_id: user?.sso_id ?? null,
    }),
  }
}
