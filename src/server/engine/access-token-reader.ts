import { hash } from 'node:crypto'
import { createLocalJWKSet, type JWK, type JWTPayload, jwtVerify } from 'jose'
import type { AdapterPayload } from 'oidc-provider'
import type { SigningJwk } from '../keys/tenant-keys.ts'
import { isGuestEnded } from '../store/ended-guests.ts'
import { findFamily } from '../store/families.ts'
import { isTokenRevoked } from '../store/revoked-tokens.ts'
import type { Db } from '../store/store.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { isClientSubject } from './client-subject.ts'

/** Before an access token that is introspected or revoked rather than used. */
export const JWT_MARK = 'jwt:'

/** Whether a token reads as a JWT (RFC 7519 section 3): three parts, the first a JSON object in base64url. */
export function looksLikeJwt(token: string): boolean {
  return token.startsWith('eyJ') && token.split('.').length === 3
}

/** Signatures remembered as good: an API asks about a token with each request that carries it. */
const MOST_VERIFIED = 1000

/** Looks a presented access token up the way a store would: verifies it and asks whether its login still lives. */
export interface AccessTokenReader {
  read(value: string): Promise<AdapterPayload | undefined>
}

export function createAccessTokenReader(tenant: Tenant, signingKeys: SigningJwk[]): AccessTokenReader {
  const keys = createLocalJWKSet({ keys: signingKeys.map(publicPart) })
  const known = new Map<string, JWTPayload>()
  return {
    async read(presented) {
      const isMarked = presented.startsWith(JWT_MARK)
      const payload = await verified(isMarked ? presented.slice(JWT_MARK.length) : presented)
      if (!payload?.sub || !payload.jti) return undefined
      const token = payload as AccessTokenPayload
      if (!(await isAlive(tenant, token))) return undefined
      return isMarked ? { ...asPayload(token), ...introspected(token) } : asPayload(token)
    },
  }

  /** A signature is checked once; that the token goes on, each time. */
  async function verified(value: string): Promise<JWTPayload | undefined> {
    const key = hash('sha256', value, 'base64url')
    const payload = known.get(key) ?? (await verify(value))
    if (!payload || (payload.exp ?? 0) * 1000 <= Date.now()) {
      known.delete(key)
      return undefined
    }
    known.set(key, payload)
    if (known.size > MOST_VERIFIED) forgetOldest()
    return payload
  }

  function forgetOldest(): void {
    const [oldest] = known.keys()
    if (oldest !== undefined) known.delete(oldest)
  }

  async function verify(value: string): Promise<JWTPayload | undefined> {
    try {
      const { payload } = await jwtVerify(value, keys, {
        issuer: tenant.issuer,
        audience: tenant.config.audience,
        typ: 'at+jwt',
        algorithms: ['ES256', 'RS256'],
      })
      return payload
    } catch {
      return undefined
    }
  }
}

function publicPart({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...jwk }: SigningJwk): JWK {
  return jwk
}

/** Whether a token still counts: its app is active, it wasn't revoked by itself, and what it was given to goes on. */
async function isAlive(tenant: Tenant, token: AccessTokenPayload): Promise<boolean> {
  if (!tenant.clients.has(token.client_id)) return false
  const { db } = tenant.services.store
  const [isRevoked, isGoingOn] = await Promise.all([
    isTokenRevoked(db, tenant.id, token.jti),
    doesLoginGoOn(db, tenant.id, token),
  ])
  return isGoingOn && !isRevoked
}

/** A guest's visit or a member's login; what an app got for itself alone belongs to none. */
async function doesLoginGoOn(db: Db, tenant: string, { sub, sid, session_id, guest }: AccessTokenPayload) {
  if (guest) return !(await isGuestEnded(db, tenant, session_id))
  if (sid === undefined) return isClientSubject(sub)
  const family = await findFamily(db, tenant, sid)
  return family !== undefined && family.ended_at === null && family.user_id === sub
}

interface AccessTokenPayload extends JWTPayload {
  sub: string
  jti: string
  sid?: string
  session_id: string
  guest?: boolean
  roles?: string[]
  act?: { sub: string }
  legal_entity_id?: string
  client_id: string
  scope?: string
  cnf?: { jkt?: string }
}

/** What only introspection tells (RFC 7662 section 2.2). */
function introspected({ aud, session_id, roles, guest, act, legal_entity_id }: AccessTokenPayload): AdapterPayload {
  return { aud, extra: { session_id, roles, guest, act, legal_entity_id } } as AdapterPayload
}

/** Without `aud`: with one the engine would refuse our own token at userinfo. */
function asPayload(token: AccessTokenPayload): AdapterPayload {
  const { jti, iat, exp, sub, sid, client_id, scope, cnf, guest, legal_entity_id } = token
  return {
    kind: 'AccessToken',
    jti,
    iat,
    exp,
    accountId: sub,
    clientId: client_id,
    // A guest has no grant: the engine then asks for none.
    ...(guest || sid === undefined ? {} : { grantId: sid }),
    ...(sid !== undefined && { sid }),
    scope,
    ...(cnf?.jkt === undefined ? {} : { jkt: cnf.jkt }),
    extra: { legal_entity_id },
  } as AdapterPayload
}
