import { errors } from 'oidc-provider'
import { createSealer } from '../../keys/sealing.ts'
import { endFamilies } from '../../store/families.ts'
import {
  consumeRefreshToken,
  type FoundRefreshToken,
  findRefreshToken,
  insertRefreshToken,
} from '../../store/refresh-tokens.ts'
import type { Db } from '../../store/store.ts'
import type { FamilyRow } from '../../store/tables.ts'
import { decideRoles } from '../roles.ts'
import { type GrantRequest, loadPerson, requireParam, spendProof } from './grant-request.ts'
import { newRefreshToken } from './new-refresh-token.ts'
import { type Authentication, type Login, signTokens } from './sign-tokens.ts'
import { type IssuedRefreshToken, tokenAnswer } from './token-answer.ts'

type Rotation = { kind: 'issued'; refresh: IssuedRefreshToken | undefined } | { kind: 'reused' }

/**
 * Answers a refresh: rotates inside one transaction, or repeats the successor already given, so that a lost answer or
 * two tabs cost nobody a session (RFC 9700 section 4.14.2). Any other reuse ends this login's family, and only that.
 */
export async function refreshTokenGrant(request: GrantRequest): Promise<Record<string, unknown>> {
  const presented = requireParam(request, 'refresh_token')
  const { store } = request.tenant.services
  const { family } = await loadOwnToken(store.db, request, presented)
  const login = asLogin(family)
  const scopes = narrowScope(request, login)
  const account = await loadPerson(request, family.user_id)
  const roles = decideRoles(request.tenant, request.client, account.user, scopes)
  const jkt = request.proof?.thumbprint
  const signed = await signTokens(request, { grantType: 'refresh_token', login, account, scopes, roles, jkt })
  const now = Date.now()
  const rotation = await store.transaction((tx) => rotate(tx, request, presented, now))
  if (rotation.kind === 'reused') throw new errors.InvalidGrant('refresh token already used')
  return tokenAnswer(request.provider, { login, signed, refresh: rotation.refresh, now })
}

/** @throws `invalid_grant` unless the token is this client's, this key's, and its login lives. */
async function loadOwnToken(db: Db, request: GrantRequest, presented: string): Promise<FoundRefreshToken> {
  const found = await findRefreshToken(db, request.tenant.id, presented)
  if (!found) throw new errors.InvalidGrant('refresh token not found')
  const { token, family } = found
  if (family.client_id !== request.client.client_id) throw new errors.InvalidGrant('client mismatch')
  if (token.jkt !== null && token.jkt !== request.proof?.thumbprint) {
    throw new errors.InvalidGrant('refresh token is bound to another DPoP key')
  }
  if (family.ended_at !== null) throw new errors.InvalidGrant('this login has ended')
  if (Math.min(token.idle_end, family.absolute_end) <= Date.now())
    throw new errors.InvalidGrant('refresh token is expired')
  return found
}

function asLogin(family: FamilyRow): Login {
  // A refreshed ID token should not repeat the nonce (OIDC Core section 12.2).
  const { nonce: _nonce, ...authentication } = JSON.parse(family.authentication) as Authentication
  return { familyId: family.id, sessionId: family.session_id, scope: family.scope, authentication }
}

/** A narrower scope may be asked for, never a wider one (RFC 6749 section 6). */
function narrowScope({ ctx }: GrantRequest, login: Login): Set<string> {
  const granted = new Set(login.scope.split(' '))
  const asked = ctx.oidc.params?.scope
  if (typeof asked !== 'string' || asked === '') return granted
  const scopes = new Set(asked.split(' '))
  const wider = [...scopes].filter((scope) => !granted.has(scope))
  if (wider.length > 0) throw new errors.InvalidScope('refresh token was not granted this scope', wider.join(' '))
  return scopes
}

async function rotate(tx: Db, request: GrantRequest, presented: string, now: number): Promise<Rotation> {
  await spendProof(tx, request, now)
  if (request.client.refresh_token_rotation === 'fixed') return { kind: 'issued', refresh: undefined }
  const { token, family } = await loadOwnToken(tx, request, presented)
  const next = newRefreshToken(request, { absoluteEnd: family.absolute_end, now })
  const isFirst = await consumeRefreshToken(tx, {
    tenant: request.tenant.id,
    token: presented,
    successor: next.value,
    sealedSuccessor: successorSealer(presented).seal(next.value),
    now,
  })
  if (!isFirst) return repeat(tx, request, presented, now)
  await insertRefreshToken(tx, {
    tenant: request.tenant.id,
    token: next.value,
    familyId: family.id,
    jkt: token.jkt ?? undefined,
    issuedAt: now,
    idleEnd: next.idleEnd,
  })
  return { kind: 'issued', refresh: next }
}

/** The same successor again for whoever may have missed it; for anybody else the family is over. */
async function repeat(tx: Db, request: GrantRequest, presented: string, now: number): Promise<Rotation> {
  const { token, family } = await loadOwnToken(tx, request, presented)
  const successor = openSuccessor(presented, token.sealed_successor)
  const given = successor && (await findRefreshToken(tx, request.tenant.id, successor))
  const isRecent = now - (token.consumed_at ?? 0) < request.client.refresh_grace * 1000
  const wasLost = token.jkt !== null && given && given.token.consumed_at === null
  if (given && (isRecent || wasLost))
    return { kind: 'issued', refresh: { value: successor, expiresAt: given.token.idle_end } }
  await endFamilies(tx, { tenant: request.tenant.id, ids: [family.id], reason: 'refresh-token-reused' }, now)
  await request.tenant.services.audit.record(
    {
      tenant: request.tenant.id,
      event: 'token.reused',
      userId: family.user_id,
      clientId: family.client_id,
      ...request.origin,
    },
    now,
    tx,
  )
  return { kind: 'reused' }
}

/** Only who presents the old token can read the new one: the key is made from it. */
function successorSealer(presented: string) {
  return createSealer([presented], 'refresh token successor')
}

function openSuccessor(presented: string, sealed: string | null): string | undefined {
  const opened = sealed === null ? null : successorSealer(presented).open(sealed)
  return opened ? Buffer.from(opened).toString() : undefined
}
