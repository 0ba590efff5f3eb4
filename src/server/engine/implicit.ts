import { randomUUID } from 'node:crypto'
import { type AccessToken, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider'
import { rememberToTell } from '../logout/logout-listener.ts'
import { lockRecordByUid } from '../store/engine-records.ts'
import { insertFamily } from '../store/families.ts'
import { countUse } from '../store/old-flow-uses.ts'
import type { Db } from '../store/store.ts'
import { loadClient, type Tenant } from '../tenant/tenant.ts'
import type { PersonAccount } from './accounts.ts'
import { scopesToConsent } from './consent.ts'
import { knowResponseType } from './internals.ts'
import { requestOrigin } from './request-origin.ts'
import { decideRoles } from './roles.ts'
import { setTokenClaims } from './token-claims.ts'

/** The engine's access token with the members its types leave out. */
type ImplicitToken = Omit<AccessToken, 'save'> & { save(this: ImplicitToken): Promise<string> }

/** A login that the answer at the authorization endpoint begins. */
interface ImplicitLogin {
  ctx: KoaContextWithOIDC
  account: PersonAccount
  familyId: string
}

const ID_TOKEN_ALONE = 'id_token'

/**
 * The implicit flow for clients that opted in to it (RFC 6749 section 4.2): `response_type=token`, which the engine knows
 * only beside an ID token, and a family for each answer, so that its access token ends like any other. Never a refresh token.
 */
export function installImplicit(provider: Provider, tenant: Tenant): void {
  knowResponseType(provider, 'token')
  const prototype = provider.AccessToken.prototype as unknown as ImplicitToken
  const { save } = prototype
  prototype.save = async function () {
    if (this.gty !== 'implicit') return save.call(this)
    const login = beginLogin(Provider.ctx as KoaContextWithOIDC)
    return startLogin(tenant, login, (sessionId) => {
      const { ctx, account, familyId } = login
      const client = loadClient(tenant, ctx.oidc.client?.clientId ?? '')
      const roles = decideRoles(tenant, client, account.user, ctx.oidc.requestParamScopes)
      setTokenClaims(this, { sid: familyId, session_id: sessionId, roles })
      return save.call(this)
    })
  }
  const answeredAlone = new WeakSet<KoaContextWithOIDC>()
  provider.on('authorization.success', (ctx) => {
    if (ctx.oidc.params?.response_type === ID_TOKEN_ALONE) answeredAlone.add(ctx)
  })
  provider.use(async (ctx, next) => {
    await next()
    const withOidc = ctx as KoaContextWithOIDC
    if (answeredAlone.has(withOidc)) await startLogin(tenant, beginLogin(withOidc), async () => {})
  })
}

function beginLogin(ctx: KoaContextWithOIDC): ImplicitLogin {
  return { ctx, account: ctx.oidc.account as PersonAccount, familyId: ctx.oidc.entities.Grant?.jti ?? '' }
}

/**
 * Signs first, then starts the family in one transaction, as the code's redemption does. The session is always a new one:
 * nothing in this flow shows that the guest a request names is this browser's, so a guest stays a guest (session fixation).
 */
async function startLogin<T>(
  tenant: Tenant,
  login: ImplicitLogin,
  sign: (sessionId: string) => Promise<T>,
): Promise<T> {
  const sessionId = randomUUID()
  const signed = await sign(sessionId)
  await tenant.services.store.transaction((tx) => commit(tx, tenant, login, sessionId))
  return signed
}

async function commit(
  tx: Db,
  tenant: Tenant,
  { ctx, account, familyId }: ImplicitLogin,
  sessionId: string,
): Promise<void> {
  const now = Date.now()
  const clientId = ctx.oidc.client?.clientId ?? ''
  const userId = account.accountId
  const { session, acr, amr, params } = ctx.oidc
  const sessionUid = session?.uid
  await checkSessionLives(tx, tenant, ctx)
  await insertFamily(tx, {
    tenant: tenant.id,
    id: familyId,
    userId,
    clientId,
    sessionUid,
    sessionId,
    scope: scopesToConsent(tenant, ctx.oidc.requestParamScopes).join(' '),
    authentication: { authTime: session?.authTime(), acr, amr, nonce: params?.nonce },
    createdAt: now,
    absoluteEnd: now + loadClient(tenant, clientId).access_token_ttl * 1000,
  })
  await rememberToTell(tx, tenant, { familyId, userId, clientId, sessionUid }, now)
  await countUse(tx, { tenant: tenant.id, clientId, flow: 'implicit' }, now)
  const detail = { flow: 'implicit' }
  const entry = { tenant: tenant.id, event: 'token.issued', userId, clientId, detail, ...requestOrigin(ctx) } as const
  await tenant.services.audit.record(entry, now, tx)
}

/** A session that came out of the store may have been signed out while its answer was being made. */
async function checkSessionLives(tx: Db, tenant: Tenant, ctx: KoaContextWithOIDC): Promise<void> {
  const session = ctx.oidc.session as { uid: string; exp?: number } | undefined
  if (session?.exp === undefined) return
  const lives = await lockRecordByUid(tx, { tenant: tenant.id, model: 'Session', uid: session.uid })
  if (!lives) throw new errors.LoginRequired('the session has ended')
}
