import { randomUUID } from 'node:crypto'
import type { ClientConfig } from '../../config/schema.ts'
import type { Db } from '../../store/store.ts'
import type { UserRow } from '../../store/tables.ts'
import { findMember, type MemberName, type MemberNameKind } from '../../users/find-member.ts'
import { clientSubject } from '../client-subject.ts'
import { errors } from '../engine-errors.ts'
import { decideRoles } from '../roles.ts'
import { TooManyRequests } from '../too-many-requests.ts'
import { askedScope } from './asked-scope.ts'
import type { GrantAnswer, GrantRequest } from './grant-request.ts'
import { guestShown } from './guest-shown.ts'
import { personHolder } from './holder.ts'
import { startLogin } from './start-login.ts'
import { checkPersonEnabled } from './still-allowed.ts'

export const MEMBER_GRANT = 'urn:portico:grant-type:member'

/** The surest first: of several that are sent, the first counts. */
const KINDS: readonly MemberNameKind[] = ['sso_id', 'member_id', 'email']

/**
 * Tokens of a member for a server that has seen to it by itself who that is. The client acts for them, and the tokens say
 * so (RFC 8693 section 4.1). Earlier logins of the member go on.
 */
export async function memberGrant(request: GrantRequest): Promise<GrantAnswer> {
  const { tenant, client } = request
  refusePages(request)
  const named = readName(request)
  const scope = askedScope(request)
  const guest = await guestShown(request)
  await checkRate(request)
  const user = await loadMember(request, named)
  return startLogin(request, {
    familyId: randomUUID(),
    holder: personHolder(user),
    scope,
    roles: decideRoles(tenant, client, user, new Set(scope.split(' '))),
    authentication: { actor: clientSubject(client.client_id) },
    guest,
    async settle(tx, now) {
      await checkPersonEnabled(tx, tenant, user.id)
      await audit(request, { kind: named.kind, userId: user.id }, now, tx)
    },
  })
}

/** A page that can ask holds the client's secret, and so does everybody who opens it. */
function refusePages({ origin }: GrantRequest): void {
  if (origin.page === undefined) return
  throw new errors.InvalidRequest('this grant is for servers: a page must never hold a client secret', 403)
}

/** @throws `invalid_request` when nobody is named, `unauthorized_client` for a kind of name this client may not use */
function readName({ client, params }: GrantRequest): MemberName {
  const kind = KINDS.find((name) => params[name] !== undefined)
  if (kind === undefined) throw new errors.InvalidRequest(`name the member by one of ${KINDS.join(', ')}`)
  if (!mayName(client, kind)) throw new errors.UnauthorizedClient(`this client may not name members by ${kind}`)
  const value = params[kind] ?? ''
  if (kind === 'member_id' && !/^[1-9]\d{0,14}$/.test(value))
    throw new errors.InvalidRequest('member_id must be a whole number')
  return { kind, value }
}

function mayName({ mint }: ClientConfig, kind: MemberNameKind): boolean {
  return mint[kind]
}

async function checkRate({ client, mints }: GrantRequest): Promise<void> {
  const wait = await mints.secondsToWait(client, Date.now())
  if (wait > 0) throw new TooManyRequests(wait, `too many members at once: try again in ${wait} s`)
}

/** Nobody learns whether a member is unknown, disabled, or has an address nobody has confirmed. @throws `invalid_grant` */
async function loadMember({ tenant }: GrantRequest, named: MemberName): Promise<UserRow> {
  const user = await findMember(tenant.services.store.db, tenant.id, named)
  if (user) return user
  const refusal = new errors.InvalidGrant({ detail: `no usable member by ${named.kind}` })
  refusal.error_description = 'there is no such member'
  throw refusal
}

function audit(
  { tenant, client, origin }: GrantRequest,
  { kind, userId }: { kind: MemberNameKind; userId: string },
  now: number,
  tx: Db,
): Promise<void> {
  const detail = { flow: 'member', identifier: kind }
  const what = { event: 'token.issued', userId, clientId: client.client_id, detail } as const
  return tenant.services.audit.record({ tenant: tenant.id, ...what, ...origin }, now, tx)
}
