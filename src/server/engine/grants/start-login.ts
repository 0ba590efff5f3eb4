import { randomUUID } from 'node:crypto'
import type { GuestOfRequest } from '../../guests/shown-guest.ts'
import { GuestTaken, upgradeGuest } from '../../guests/upgrade.ts'
import { rememberToTell } from '../../logout/logout-listener.ts'
import { insertFamily } from '../../store/families.ts'
import type { Db } from '../../store/store.ts'
import { type GrantAnswer, type GrantRequest, spendProof } from './grant-request.ts'
import type { Holder } from './holder.ts'
import { firstRefreshToken, type NewRefreshToken, storeFirstRefreshToken } from './new-refresh-token.ts'
import { type Authentication, type Login, signTokens } from './sign-tokens.ts'
import { tokenAnswer } from './token-answer.ts'

/** A login about to start, decided but for what the store has to say. */
export interface LoginStart {
  familyId: string
  holder: Holder
  /** Space-separated, as granted. */
  scope: string
  roles: string[]
  authentication: Authentication
  /** Of the portal session it began in, if it did. */
  sessionUid?: string | undefined
  /** The guest this sign-in began as; `none` when the proof of one was no good. */
  guest?: GuestOfRequest | 'none' | undefined
  /**
   * Inside the transaction, before the login is there: spends what was traded in, looks again at what others may have
   * changed, and writes down what happened.
   */
  settle(tx: Db, now: number): Promise<void>
}

/** Starts a login and answers with its tokens. A guest that another sign-in took first stays behind. */
export async function startLogin(request: GrantRequest, start: LoginStart): Promise<GrantAnswer> {
  try {
    return await attempt(request, start)
  } catch (error) {
    if (!(error instanceof GuestTaken)) throw error
    return attempt(request, { ...start, guest: 'none' })
  }
}

/**
 * Signs first, then writes the login and upgrades the guest in one short transaction, so that a crash leaves either nothing
 * or all of it.
 */
async function attempt(request: GrantRequest, start: LoginStart): Promise<GrantAnswer> {
  const { tenant, client, dialect } = request
  const { familyId, holder, scope, roles, guest } = start
  const oldSelf = guest === 'none' ? undefined : guest
  const authentication = { ...start.authentication, rotation: dialect?.rotation }
  const login: Login = { familyId, sessionId: oldSelf?.sessionId ?? randomUUID(), scope, authentication }
  const now = Date.now()
  const refresh = firstRefreshToken(request, now)
  const absoluteEnd = refresh?.absoluteEnd ?? now + client.access_token_ttl * 1000
  const signed = await signTokens(request, { login, holder, scopes: new Set(scope.split(' ')), roles, absoluteEnd })
  await tenant.services.store.transaction(async (tx) => {
    await start.settle(tx, now)
    await spendProof(tx, request, now)
    await writeLogin(tx, request, { start, login, refresh, absoluteEnd, now })
    const member = { sub: holder.sub, clientId: client.client_id, familyId }
    if (oldSelf) await upgradeGuest(tx, tenant, oldSelf, member, now)
  })
  if (oldSelf) tenant.services.events.wake()
  return tokenAnswer({ login, signed, refresh, now, guestUpgrade: guest && (oldSelf ? 'pending' : 'none') })
}

interface StartedLogin {
  start: LoginStart
  login: Login
  refresh: NewRefreshToken | undefined
  absoluteEnd: number
  now: number
}

async function writeLogin(tx: Db, request: GrantRequest, { start, login, refresh, absoluteEnd, now }: StartedLogin) {
  const { familyId, holder, sessionUid } = start
  const { tenant, client } = request
  const whose = { userId: holder.sub, clientId: client.client_id, sessionUid }
  await insertFamily(tx, {
    tenant: tenant.id,
    id: familyId,
    ...whose,
    sessionId: login.sessionId,
    scope: login.scope,
    authentication: { ...login.authentication },
    createdAt: now,
    absoluteEnd,
  })
  if (refresh) await storeFirstRefreshToken(tx, request, { familyId, refresh, now })
  if (holder.user) await rememberToTell(tx, tenant, { familyId, ...whose }, now)
}
