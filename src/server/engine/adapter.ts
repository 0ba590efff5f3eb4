import { type Adapter, type AdapterFactory, type AdapterPayload, errors, Provider } from 'oidc-provider'
import { type GuestSealer, looksLikeGuestToken } from '../guests/guest-session.ts'
import { endGuest } from '../store/ended-guests.ts'
import * as records from '../store/engine-records.ts'
import { endFamilies, findFamily } from '../store/families.ts'
import type { FamilyRow } from '../store/tables.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { AccessTokenReader } from './access-token-reader.ts'
import { findRefreshPayload } from './refresh-token-reader.ts'

/** Keeps what the engine keeps in our store, hashed, one adapter per model. */
export function createAdapterFactory(
  tenant: Tenant,
  accessTokens: AccessTokenReader,
  guests: GuestSealer,
): AdapterFactory {
  return (model) => {
    if (model === 'RefreshToken') return refreshTokenAdapter(tenant, guests)
    if (model === 'AccessToken') return accessTokenAdapter(tenant, accessTokens)
    if (model === 'Grant') return grantAdapter(tenant)
    return recordAdapter(tenant, model)
  }
}

function recordAdapter(tenant: Tenant, model: string): Adapter {
  const key = (id: string) => ({ tenant: tenant.id, model, id })
  const { store } = tenant.services
  return {
    async upsert(id, payload, expiresIn) {
      const record = {
        ...key(id),
        payload: withoutIds(model, payload),
        grantId: payload.grantId,
        ...(model === 'Session' && { uid: payload.uid, userId: payload.accountId }),
        expiresAt: expiresIn ? Date.now() + expiresIn * 1000 : undefined,
      }
      if (model !== 'ReplayDetection') return records.upsertRecord(store.db, record)
      // Two requests with one proof may both have looked before either wrote: the second write decides.
      const isNew = await records.insertRecord(store.db, record)
      if (!isNew) throw new errors.InvalidDpopProof('DPoP proof JWT Replay detected')
    },
    async find(id) {
      const found = await records.findRecord(store.db, key(id))
      return found && asPayload(withIds(tenant, model, id, found.payload), found)
    },
    async findByUid(uid) {
      const found = await records.findRecordByUid(store.db, { tenant: tenant.id, model, uid })
      // Without the id, which only the cookie knows.
      return found && asPayload(found.payload, found)
    },
    findByUserCode: async () => undefined,
    async consume(id) {
      if (await records.consumeRecord(store.db, key(id), Date.now())) return
      throw model === 'AuthorizationCode'
        ? new errors.InvalidGrant('authorization code already consumed')
        : new errors.InvalidRequest('this request was used already')
    },
    destroy: (id) => records.destroyRecord(store.db, key(id)),
    revokeByGrantId: (grantId) => records.destroyRecordsOfGrant(store.db, { tenant: tenant.id, grantId }),
  }
}

/** A grant is stored from consent to redemption; from then on the family says the same, for as long as it lives. */
function grantAdapter(tenant: Tenant): Adapter {
  const stored = recordAdapter(tenant, 'Grant')
  return {
    ...stored,
    async find(id) {
      const family = await findFamily(tenant.services.store.db, tenant.id, id)
      return family ? grantOf(tenant, family) : stored.find(id)
    },
  }
}

function grantOf({ config }: Tenant, family: FamilyRow): AdapterPayload | undefined {
  if (family.ended_at !== null) return undefined
  return {
    kind: 'Grant',
    jti: family.id,
    accountId: family.user_id,
    clientId: family.client_id,
    iat: Math.floor(family.created_at / 1000),
    exp: Math.floor(family.absolute_end / 1000),
    openid: { scope: family.scope },
    resources: { [config.audience]: family.scope },
  } as AdapterPayload
}

/** Refresh tokens are written by our own grant handlers; the engine only looks them up, to revoke. */
function refreshTokenAdapter(tenant: Tenant, guests: GuestSealer): Adapter {
  const { store } = tenant.services
  const never = async () => {
    throw new Error('the engine must not write refresh tokens')
  }
  return {
    upsert: never,
    consume: never,
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    find: (value) => findRefreshPayload(tenant, guests, value),
    // A member's revocation goes by grant: the family ends, and with it every token of this login (RFC 7009 section 2.1).
    async destroy(value) {
      const guest = looksLikeGuestToken(value) ? guests.open(value, Date.now()) : undefined
      if (!guest) return
      const { sessionId, sub: guestSub, absoluteEnd: forgetAt } = guest
      await endGuest(store.db, { tenant: tenant.id, sessionId, guestSub, reason: 'ended', forgetAt }, Date.now())
    },
    revokeByGrantId: (grantId) => endGrant(tenant, grantId),
  }
}

/** Access tokens are signed, not stored; finding one means verifying it. */
function accessTokenAdapter(tenant: Tenant, accessTokens: AccessTokenReader): Adapter {
  return {
    upsert: async () => {
      throw new Error('access tokens are never stored')
    },
    find: (value) => accessTokens.read(value),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    consume: async () => {},
    destroy: async () => {},
    revokeByGrantId: (grantId) => endGrant(tenant, grantId),
  }
}

/** For revocation alone: the logins of a session end with it, in one transaction (`sessions.ts`). */
async function endGrant(tenant: Tenant, grantId: string): Promise<void> {
  if (Provider.ctx?.oidc.route !== 'revocation') return
  const { store } = tenant.services
  await endFamilies(store.db, { tenant: tenant.id, ids: [grantId], reason: 'revoked' }, Date.now())
}

/** An interaction repeats its own id and the session's, which a database reader could use. */
function withoutIds(model: string, payload: AdapterPayload): Record<string, unknown> {
  if (model !== 'Interaction') return { ...payload }
  const { returnTo: _ownId, session, ...rest } = payload
  const { cookie: _sessionId, ...namedSession } = session ?? {}
  return session ? { ...rest, session: namedSession } : rest
}

function withIds(tenant: Tenant, model: string, id: string, payload: Record<string, unknown>): AdapterPayload {
  return { ...payload, jti: id, ...(model === 'Interaction' && { returnTo: `${tenant.issuer}/authorize/${id}` }) }
}

function asPayload(payload: AdapterPayload, { consumedAt }: records.FoundRecord): AdapterPayload {
  return consumedAt === null ? payload : { ...payload, consumed: Math.floor(consumedAt / 1000) }
}
