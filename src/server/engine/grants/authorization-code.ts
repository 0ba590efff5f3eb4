import { findGuestOfGrant } from '../../guests/guest-of-grant.ts'
import { consumeRecord, findRecord, upsertRecord } from '../../store/engine-records.ts'
import { endFamilies } from '../../store/families.ts'
import type { Db } from '../../store/store.ts'
import { errors } from '../engine-errors.ts'
import { checkPkce } from '../internals.ts'
import { decideRoles } from '../roles.ts'
import { type GrantAnswer, type GrantRequest, loadPerson, requireParam } from './grant-request.ts'
import { personHolder } from './holder.ts'
import { isRecent } from './recent.ts'
import { startLogin } from './start-login.ts'
import { checkStillAllowed } from './still-allowed.ts'
import { codeKey, findStoredCode, type StoredCode } from './stored-code.ts'

/** An honest client whose answer was lost asks again at once; later, somebody else has the code. */
const HONEST_RETRY_MS = 30_000
/** How long a spent code is remembered, so that a late replay still ends what it bought. */
const SPENT_CODE_MEMORY_MS = 86_400_000

/** Buys tokens for a code, once (RFC 6749 section 4.1.3, RFC 7636, RFC 9449 section 10). */
export async function authorizationCodeGrant(request: GrantRequest): Promise<GrantAnswer> {
  const code = await findCode(request)
  await checkUnspent(request, code)
  await checkBindings(request, code)
  await checkInTime(request, code)
  const user = await loadPerson(request, code.accountId)
  const guest = await findGuestOfGrant(request.tenant.services.store.db, request.tenant.id, code.grantId)
  const scope = code.scope ?? ''
  const { authTime, acr, amr, nonce } = code
  return startLogin(request, {
    familyId: code.grantId,
    holder: personHolder(user),
    scope,
    roles: decideRoles(request.tenant, request.client, user, new Set(scope.split(' '))),
    authentication: { authTime, acr, amr, nonce },
    sessionUid: code.sessionUid,
    guest,
    async settle(tx, now) {
      await spendCode(tx, request, code, now)
      await checkStillAllowed(tx, request, code)
      await audit(request, 'code.redeemed', code, now, tx)
    },
  })
}

async function findCode(request: GrantRequest): Promise<StoredCode> {
  requireParam(request, 'redirect_uri')
  const { tenant } = request
  const code = await findStoredCode(tenant.services.store.db, tenant.id, requireParam(request, 'code'))
  if (!code) throw new errors.InvalidGrant('authorization code not found')
  return code
}

/** A second use is refused; unless it is the same client asking again at once, the first use's tokens end too. */
async function checkUnspent(request: GrantRequest, code: StoredCode): Promise<void> {
  if (code.consumedAt === undefined) return
  const isAtOnce = isRecent(code.consumedAt, HONEST_RETRY_MS, Date.now())
  if (!(isAtOnce && fits(request, code))) await endReplayedLogin(request, code)
  throw new errors.InvalidGrant('authorization code already used')
}

async function endReplayedLogin(request: GrantRequest, code: StoredCode): Promise<void> {
  const { store } = request.tenant.services
  const now = Date.now()
  await store.transaction(async (tx) => {
    await endFamilies(tx, { tenant: request.tenant.id, ids: [code.grantId], reason: 'code-replayed' }, now)
    await audit(request, 'code.replayed', code, now, tx)
  })
}

/** A code tried with the wrong verifier, address or key is spent: whoever holds it isn't who asked for it. */
async function checkBindings(request: GrantRequest, code: StoredCode): Promise<void> {
  if (code.clientId !== request.client.client_id) throw new errors.InvalidGrant('client mismatch')
  try {
    bindingsOf(request, code)
  } catch (refusal) {
    const { store } = request.tenant.services
    const now = Date.now()
    const isFirst = await consumeRecord(store.db, codeKey(request.tenant.id, code.value), now, SPENT_CODE_MEMORY_MS)
    // Somebody spent it since it was read: then this is a replay like any other.
    if (!isFirst) await endReplayedLogin(request, code)
    await audit(request, 'code.refused', code, now)
    throw refusal
  }
}

/** What was too late once stays so, should the clock go back: the code is spent with the refusal. */
async function checkInTime(request: GrantRequest, code: StoredCode): Promise<void> {
  if (code.exp > Math.floor(Date.now() / 1000)) return
  const { store } = request.tenant.services
  await consumeRecord(store.db, codeKey(request.tenant.id, code.value), Date.now(), SPENT_CODE_MEMORY_MS)
  throw new errors.InvalidGrant('authorization code is expired')
}

function bindingsOf({ params, proof }: GrantRequest, code: StoredCode): void {
  checkPkce(params.code_verifier, code.codeChallenge, code.codeChallengeMethod)
  if (code.redirectUri !== params.redirect_uri)
    throw new errors.InvalidGrant('authorization code redirect_uri mismatch')
  if (code.dpopJkt !== undefined && code.dpopJkt !== proof?.thumbprint) {
    throw new errors.InvalidGrant('authorization code is bound to another DPoP key')
  }
}

/** Whether this is who bought the tokens: of a spent code, `dpopJkt` is the key it was spent with. */
function fits(request: GrantRequest, code: StoredCode): boolean {
  try {
    bindingsOf(request, code)
    return code.clientId === request.client.client_id && code.dpopJkt === request.proof?.thumbprint
  } catch {
    return false
  }
}

async function spendCode(tx: Db, request: GrantRequest, code: StoredCode, now: number): Promise<void> {
  const key = codeKey(request.tenant.id, code.value)
  const isOurs = await consumeRecord(tx, key, now, SPENT_CODE_MEMORY_MS)
  if (!isOurs) throw new errors.InvalidGrant('authorization code already used')
  const jkt = request.proof?.thumbprint
  if (jkt === code.dpopJkt) return
  const found = await findRecord(tx, key)
  const payload = { ...found?.payload, dpopJkt: jkt }
  await upsertRecord(tx, { ...key, payload, grantId: code.grantId, expiresAt: now + SPENT_CODE_MEMORY_MS })
}

function audit(
  request: GrantRequest,
  event: 'code.redeemed' | 'code.refused' | 'code.replayed',
  code: StoredCode,
  now: number,
  db?: Db,
) {
  return request.tenant.services.audit.record(
    { tenant: request.tenant.id, event, userId: code.accountId, clientId: request.client.client_id, ...request.origin },
    now,
    db,
  )
}
