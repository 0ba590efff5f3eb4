import { endFamilies } from '../../store/families.ts'
import {
  consumeRefreshToken,
  type FoundRefreshToken,
  findRefreshToken,
  insertRefreshToken,
} from '../../store/refresh-tokens.ts'
import type { Db } from '../../store/store.ts'
import type { FamilyRow } from '../../store/tables.ts'
import { errors } from '../engine-errors.ts'
import { companyAskedFor } from './company.ts'
import { type GrantAnswer, type GrantRequest, requireParam, spendProof } from './grant-request.ts'
import { loadHolder, rolesOfHolder } from './holder.ts'
import { newRefreshToken } from './new-refresh-token.ts'
import { type Authentication, type Login, signTokens } from './sign-tokens.ts'
import { type Rotation, repeatSuccessor, sealSuccessor } from './successor.ts'
import { type IssuedRefreshToken, tokenAnswer } from './token-answer.ts'

/**
 * Answers a refresh: rotates inside one transaction, or repeats the successor already given, so that a lost answer or
 * two tabs cost nobody a session (RFC 9700 section 4.14.2). Any other reuse ends this login's family, and only that.
 */
export async function refreshTokenGrant(request: GrantRequest): Promise<GrantAnswer> {
  const presented = requireParam(request, 'refresh_token')
  const { store } = request.tenant.services
  const found = await findOwnToken(store.db, request, presented)
  await checkInTime(store.db, request, found)
  const { family } = found
  const login = asLogin(family)
  const scopes = narrowScope(request, login)
  const holder = await loadHolder(request, family.user_id)
  const roles = rolesOfHolder(request, holder, scopes)
  const company = companyAskedFor(request, holder)
  const signed = await signTokens(request, { login, holder, scopes, roles, company, absoluteEnd: family.absolute_end })
  const now = Date.now()
  const rotation = await store.transaction((tx) => rotate(tx, request, { presented, found, login, now }))
  if (rotation.kind === 'ended') throw new errors.InvalidGrant(`this login has ended: ${rotation.why}`)
  tellRefreshed(request, holder.sub, now)
  return tokenAnswer({ login, signed, refresh: rotation.refresh, company, now })
}

/** Told, not kept: each app makes one every few minutes, and its family's row says who it is. */
function tellRefreshed({ tenant, client, origin }: GrantRequest, userId: string, now: number): void {
  const entry = { tenant: tenant.id, event: 'token.refreshed', userId, clientId: client.client_id, ...origin } as const
  tenant.services.audit.tell(entry, now)
}

/** @throws `invalid_grant` unless the token is this client's, this key's, and its login goes on. */
async function findOwnToken(db: Db, request: GrantRequest, presented: string): Promise<FoundRefreshToken> {
  const found = await findRefreshToken(db, request.tenant.id, presented)
  if (!found) throw new errors.InvalidGrant('refresh token not found')
  const { token, family } = found
  if (family.client_id !== request.client.client_id) throw new errors.InvalidGrant('client mismatch')
  if (token.jkt !== null && token.jkt !== request.proof?.thumbprint) {
    throw new errors.InvalidGrant('refresh token is bound to another DPoP key')
  }
  if (family.ended_at !== null) throw new errors.InvalidGrant('this login has ended')
  return found
}

/** What was too late once stays so, should the clock go back: the login ends with the refusal. */
async function checkInTime(db: Db, { tenant }: GrantRequest, { token, family }: FoundRefreshToken): Promise<void> {
  const now = Date.now()
  // A spent token is judged by its successor, later.
  const isIdle = token.consumed_at === null && token.idle_end <= now
  if (!isIdle && family.absolute_end > now) return
  await endFamilies(db, { tenant: tenant.id, ids: [family.id], reason: 'expired' }, now)
  throw new errors.InvalidGrant('refresh token is expired')
}

function asLogin(family: FamilyRow): Login {
  // A refreshed ID token should not repeat the nonce (OIDC Core section 12.2).
  const { nonce: _nonce, ...authentication } = JSON.parse(family.authentication) as Authentication
  return { familyId: family.id, sessionId: family.session_id, scope: family.scope, authentication }
}

/** A narrower scope may be asked for, never a wider one (RFC 6749 section 6). */
function narrowScope({ params }: GrantRequest, login: Login): Set<string> {
  const granted = new Set(login.scope.split(' '))
  if (params.scope === undefined) return granted
  const scopes = new Set(params.scope.split(' '))
  const wider = [...scopes].filter((scope) => !granted.has(scope))
  if (wider.length > 0) throw new errors.InvalidScope('refresh token was not granted this scope', wider.join(' '))
  return scopes
}

interface Rotating {
  presented: string
  /** As it was before signing; another request may have spent it or ended its login since. */
  found: FoundRefreshToken
  login: Login
  now: number
}

/** Spends the token and stores its successor, or answers as whoever was first has left it. */
async function rotate(tx: Db, request: GrantRequest, { presented, found, login, now }: Rotating): Promise<Rotation> {
  await spendProof(tx, request, now)
  const mayBeFirst = found.token.consumed_at === null && rotationOf(request, login) === 'rotate'
  const next = mayBeFirst && (await issueSuccessor(tx, request, { presented, found, now }))
  if (next) return { kind: 'issued', refresh: next }
  const spent = await findOwnToken(tx, request, presented)
  // Spent under `rotate`, it is spent under `fixed` too.
  if (spent.token.consumed_at !== null) return repeatSuccessor(tx, request, { presented, spent, now })
  return { kind: 'issued', refresh: undefined }
}

/** Nothing when another request has spent the token, or its login has ended: one statement decides both. */
async function issueSuccessor(
  tx: Db,
  request: GrantRequest,
  { presented, found: { token, family }, now }: Omit<Rotating, 'login'>,
): Promise<IssuedRefreshToken | undefined> {
  const { tenant } = request
  const next = newRefreshToken(request, { absoluteEnd: family.absolute_end, now })
  const { value, idleEnd } = next
  const sealedSuccessor = sealSuccessor(presented, value)
  const use = { tenant: tenant.id, token: presented, successor: value, sealedSuccessor, idleEnd, now }
  if (!(await consumeRefreshToken(tx, use))) return undefined
  const jkt = token.jkt ?? undefined
  await insertRefreshToken(tx, { tenant: tenant.id, token: value, familyId: family.id, jkt, issuedAt: now, idleEnd })
  return next
}

function rotationOf({ client }: GrantRequest, { authentication }: Login): 'rotate' | 'fixed' {
  return authentication.rotation ?? client.refresh_token_rotation
}
