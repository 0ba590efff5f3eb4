import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import type { AdapterPayload } from 'oidc-provider'
import { findFamily } from '../store/families.ts'
import type { Tenant } from '../tenant/tenant.ts'

/** Looks a presented access token up the way a store would: verifies it and asks whether its login still lives. */
export interface AccessTokenReader {
  read(value: string): Promise<AdapterPayload | undefined>
}

export function createAccessTokenReader(tenant: Tenant, publicKeys: JSONWebKeySet): AccessTokenReader {
  const keys = createLocalJWKSet(publicKeys)
  return {
    async read(value) {
      const payload = await verified(value)
      if (!payload?.sub || typeof payload.sid !== 'string') return undefined
      const family = await findFamily(tenant.services.store.db, tenant.id, payload.sid)
      if (!family || family.ended_at !== null || family.user_id !== payload.sub) return undefined
      return asPayload(payload as AccessTokenPayload)
    },
  }

  async function verified(value: string): Promise<JWTPayload | undefined> {
    try {
      const { payload } = await jwtVerify(value, keys, {
        issuer: tenant.issuer,
        audience: tenant.config.audience,
        typ: 'at+jwt',
        algorithms: ['ES256'],
      })
      return payload
    } catch {
      return undefined
    }
  }
}

interface AccessTokenPayload extends JWTPayload {
  sid: string
  client_id: string
  scope?: string
  cnf?: { jkt?: string }
}

/** Without `aud`: with one the engine would refuse our own token at userinfo. */
function asPayload({ jti, iat, exp, sub, sid, client_id, scope, cnf }: AccessTokenPayload): AdapterPayload {
  return {
    kind: 'AccessToken',
    jti,
    iat,
    exp,
    accountId: sub,
    clientId: client_id,
    grantId: sid,
    sid,
    scope,
    ...(cnf?.jkt === undefined ? {} : { jkt: cnf.jkt }),
  } as AdapterPayload
}
