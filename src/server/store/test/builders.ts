import { randomUUID } from 'node:crypto'
import type { GuestEnding } from '../ended-guests.ts'
import type { NewRecord } from '../engine-records.ts'
import type { NewFamily } from '../families.ts'
import type { LogoutListener } from '../logout-listeners.ts'
import type { NewOutboxRow } from '../outbox.ts'
import type { BucketRequest } from '../rate-buckets.ts'
import type { NewRefreshToken, RefreshTokenUse } from '../refresh-tokens.ts'
import type { TokenRevocation } from '../revoked-tokens.ts'
import type { GuestUpgradeRow, UserRow } from '../tables.ts'

export const now = Date.UTC(2026, 10, 22, 12)

export function aUser(overrides: Partial<UserRow> = {}): UserRow {
  const id = randomUUID()
  return {
    tenant: 'demo',
    id,
    username: `user-${id}`,
    email: null,
    email_verified: 0,
    name: null,
    password_hash: null,
    roles: '[]',
    member_id: null,
    sso_id: null,
    legal_entities: '[]',
    guest_template: 0,
    disabled_at: null,
    created_at: now,
    ...overrides,
  }
}

export function aRecord(overrides: Partial<NewRecord> = {}): NewRecord {
  const id = randomUUID()
  return {
    tenant: 'demo',
    model: 'AuthorizationCode',
    id,
    payload: { jti: id, clientId: 'catalog' },
    expiresAt: now + 60_000,
    ...overrides,
  }
}

export function aFamily(overrides: Partial<NewFamily> = {}): NewFamily {
  return {
    tenant: 'demo',
    id: randomUUID(),
    userId: randomUUID(),
    clientId: 'catalog',
    sessionUid: randomUUID(),
    sessionId: randomUUID(),
    scope: 'openid profile',
    authentication: { authTime: 1 },
    createdAt: now,
    absoluteEnd: now + 86_400_000,
    ...overrides,
  }
}

export function aRefreshToken(overrides: Partial<NewRefreshToken> & { familyId: string }): NewRefreshToken {
  return { tenant: 'demo', token: randomUUID(), issuedAt: now, idleEnd: now + 3_600_000, ...overrides }
}

/** The use of a refresh token that names another as its successor. */
export function aUse({ tenant, token }: NewRefreshToken, overrides: Partial<RefreshTokenUse> = {}): RefreshTokenUse {
  const idleEnd = now + 7_200_000
  return { tenant, token, successor: randomUUID(), sealedSuccessor: 'sealed', idleEnd, now, ...overrides }
}

export function aGuestEnding(overrides: Partial<GuestEnding> = {}): GuestEnding {
  const end = { reason: 'ended', forgetAt: now + 86_400_000 } as const
  return { tenant: 'demo', sessionId: randomUUID(), guestSub: randomUUID(), ...end, ...overrides }
}

export function aGuestUpgrade(overrides: Partial<GuestUpgradeRow> = {}): GuestUpgradeRow {
  return {
    tenant: 'demo',
    session_id: randomUUID(),
    family_id: randomUUID(),
    guest_sub: randomUUID(),
    member_sub: randomUUID(),
    client_id: 'catalog',
    tracking_id: null,
    event_id: `evt_${randomUUID()}`,
    upgraded_at: now,
    ...overrides,
  }
}

export function aListener(overrides: Partial<LogoutListener> = {}): LogoutListener {
  const names = { sid: randomUUID(), userId: randomUUID(), sessionUid: randomUUID() }
  return { tenant: 'demo', clientId: 'orders', ...names, forgetAt: now + 86_400_000, ...overrides }
}

export function anOutboxRow(overrides: Partial<NewOutboxRow> = {}): NewOutboxRow {
  return {
    id: randomUUID(),
    tenant: 'demo',
    event_id: `evt_${randomUUID()}`,
    receiver: 'https://shop.example/events',
    type: 'guest.upgraded',
    body: '{"type":"guest.upgraded"}',
    ...overrides,
  }
}

export function aBucketRequest(overrides: Partial<BucketRequest> = {}): BucketRequest {
  return { name: `guests ${randomUUID()}`, want: 1, capacity: 10, perSecond: 2, ...overrides }
}

export function aTokenRevocation(overrides: Partial<TokenRevocation> = {}): TokenRevocation {
  return { tenant: 'demo', jti: randomUUID(), forgetAt: now + 600_000, ...overrides }
}
