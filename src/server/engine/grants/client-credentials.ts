import { randomUUID } from 'node:crypto'
import type { AuditEntry } from '../../audit/audit.ts'
import { ADMIN_SCOPE } from '../../config/admin-scope.ts'
import { decideOwnRoles, scopeOfClient } from '../roles.ts'
import { wordsOf } from './asked-scope.ts'
import { type GrantAnswer, type GrantRequest, spendProof } from './grant-request.ts'
import { clientHolder } from './holder.ts'
import { signTokens } from './sign-tokens.ts'
import { startLogin } from './start-login.ts'
import { tokenAnswer } from './token-answer.ts'

/**
 * A token for an app that acts for itself (RFC 6749 section 4.4); the configuration gives the grant to clients with a secret
 * only. It leaves no row, unless the client may refresh it: then it begins a login that belongs to nobody but the app.
 */
export async function clientCredentialsGrant(request: GrantRequest): Promise<GrantAnswer> {
  const granted = grantedToClient(request)
  if (request.client.client_credentials_refresh) return startOwnLogin(request, granted)
  const now = Date.now()
  const { client, tenant } = request
  const login = { familyId: undefined, sessionId: randomUUID(), scope: granted.scope, authentication: {} }
  const scopes = new Set(granted.scope.split(' '))
  const absoluteEnd = now + client.access_token_ttl * 1000
  const signed = await signTokens(request, { login, holder: clientHolder(request), ...granted, scopes, absoluteEnd })
  await spendProof(tenant.services.store.db, request, now)
  // Told, not kept: an app that acts for itself asks every few minutes.
  tenant.services.audit.tell(entryOf(request), now)
  return tokenAnswer({ login, signed, refresh: undefined, now })
}

function startOwnLogin(request: GrantRequest, granted: { scope: string; roles: string[] }): Promise<GrantAnswer> {
  return startLogin(request, {
    familyId: randomUUID(),
    holder: clientHolder(request),
    ...granted,
    authentication: {},
    settle: (tx, now) => request.tenant.services.audit.record(entryOf(request), now, tx),
  })
}

/** What was asked for, or every role the client has when nothing was; `portico:admin` comes by its name only. */
function grantedToClient({ client, params, dialect }: GrantRequest): { scope: string; roles: string[] } {
  const asked = [...new Set(wordsOf(params.scope))]
  const all = () => scopeOfClient(client, dialect?.contextUser).filter((value) => value !== ADMIN_SCOPE)
  const values = asked.length > 0 ? asked : all()
  return { scope: values.join(' '), roles: decideOwnRoles(client, values, dialect?.contextUser) }
}

function entryOf({ tenant, client, origin }: GrantRequest): AuditEntry {
  const detail = { flow: 'client_credentials' }
  return { tenant: tenant.id, event: 'token.issued', clientId: client.client_id, detail, ...origin }
}
