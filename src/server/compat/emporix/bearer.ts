import { decodeJwt } from 'jose'
import type { ClientConfig } from '../../config/schema.ts'
import { JWT_MARK } from '../../engine/access-token-reader.ts'
import { authenticateClient } from '../../engine/client-authentication.ts'
import type { CompatCall } from '../compat-area.ts'
import type { Known } from '../record-refusals.ts'
import { CompatRefused } from '../refusal.ts'
import { EXPIRED_ACCESS_TOKEN } from './errors.ts'
import type { Shop } from './shops.ts'

/** Whose request it is, by the access token it came with. */
export interface Bearer {
  token: string
  sub: string
  /** A member's login; nothing for a visitor. */
  familyId: string | undefined
  sessionId: string
  isGuest: boolean
  client: ClientConfig
  /** Epoch seconds. */
  exp: number
  scope: string
  claims: Readonly<Record<string, unknown>>
}

/** @throws {CompatRefused} `invalid_token`, telling one that has ended from one that is none */
export async function readBearer(shop: Shop, { headers }: CompatCall, known: Known): Promise<Bearer> {
  const [, token = ''] = /^bearer (\S+)$/i.exec(headers.authorization ?? '') ?? []
  return readToken(shop, token, known)
}

export async function readToken(shop: Shop, token: string, known: Known): Promise<Bearer> {
  const found = await shop.reader.read(JWT_MARK + token)
  // One that is bound to a key is worth nothing without it (RFC 9449 section 7.1).
  if (!found?.accountId || !found.clientId || found.jkt !== undefined) throw refusalFor(token)
  known.client = shop.tenant.clients.get(found.clientId)
  const client = authenticateClient(known.client, { clientId: found.clientId, secret: undefined })
  const claims = decodeJwt(token)
  return {
    token,
    sub: found.accountId,
    familyId: found.grantId,
    sessionId: String(claims.session_id),
    isGuest: claims.guest === true,
    client,
    exp: claims.exp ?? 0,
    scope: found.scope ?? '',
    claims,
  }
}

/** @throws {CompatRefused} unless a visitor asks */
export async function readVisitor(shop: Shop, call: CompatCall, known: Known): Promise<Bearer> {
  const bearer = await readBearer(shop, call, known)
  if (!bearer.isGuest) throw new CompatRefused('invalid_token', 'an anonymous access token is needed here')
  return bearer
}

/** @throws {CompatRefused} unless a customer asks */
export async function readCustomer(shop: Shop, call: CompatCall, known: Known): Promise<Bearer & { familyId: string }> {
  const bearer = await readBearer(shop, call, known)
  const { familyId, isGuest } = bearer
  if (isGuest || familyId === undefined)
    throw new CompatRefused('invalid_token', 'the access token of a customer is needed here')
  return { ...bearer, familyId }
}

/** It says when it ended; whether that is true matters to nobody, as it isn't taken anyway. */
function refusalFor(token: string): CompatRefused {
  if (!hasEnded(token)) return new CompatRefused('invalid_token', 'Invalid Access Token')
  return new CompatRefused('invalid_token', 'Access Token expired', { data: { errorcode: EXPIRED_ACCESS_TOKEN } })
}

function hasEnded(token: string): boolean {
  try {
    const { exp } = decodeJwt(token)
    return exp !== undefined && exp * 1000 <= Date.now()
  } catch {
    return false
  }
}
