import type { TokenDialect } from '../../engine/grants/token-dialect.ts'
import type { Tenant } from '../../tenant/tenant.ts'

/** Tokens as their apps read them. */
export function geolensDialect({ id }: Tenant): TokenDialect {
  return {
    accessTokenClaims: ({ user }) => ({
      username: user?.username,
      tenant_id: id,
      // They end all tokens of a person by counting it up; ours end with their login.
      token_version: 0,
    }),
  }
}
