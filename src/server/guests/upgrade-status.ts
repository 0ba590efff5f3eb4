import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Provider } from 'oidc-provider'
import type { AccessTokenReader } from '../engine/access-token-reader.ts'
import { errors } from '../engine/engine-errors.ts'
import { checkProof } from '../engine/proof-check.ts'
import { deliveryStatus } from '../events/delivery-status.ts'
import { corsHook } from '../http/cors.ts'
import { findFamily } from '../store/families.ts'
import { findGuestUpgrade } from '../store/guest-upgrades.ts'
import type { Tenant } from '../tenant/tenant.ts'

/** What an app shows while its shop hears who the guest became. */
type UpgradeStatus = 'none' | 'pending' | 'done' | 'failed'

/** `GET {issuer}/me/upgrade`, with the member's access token: has every receiver taken the news of this session's upgrade? */
export async function upgradeStatusRoute(
  app: FastifyInstance,
  { tenant, provider, accessTokens }: { tenant: Tenant; provider: Provider; accessTokens: AccessTokenReader },
): Promise<void> {
  const url = `${tenant.issuer}/me/upgrade`
  const onRequest = corsHook(tenant, 'clients', ['GET'])
  app.options('/me/upgrade', { onRequest }, (_request, reply) => reply.code(204).send())
  app.get('/me/upgrade', { onRequest }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    try {
      const { scheme, value } = presentedToken(request)
      const proof = await checkProof(provider, { req: request.raw, res: reply.raw, url, accessToken: value })
      const token = await accessTokens.read(value)
      const isItsHolder =
        token && (token.jkt === undefined ? scheme === 'bearer' : token.jkt === proof?.thumbprint && scheme === 'dpop')
      if (!isItsHolder) throw new errors.InvalidToken('access token not found, ended, or bound to another key')
      return { status: await upgradeStatus(tenant, String(token.sid)) }
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError) || error.status >= 500) throw error
      const challenge = `DPoP error="${error.error}", Bearer error="${error.error}"`
      return reply
        .code(401)
        .header('www-authenticate', challenge)
        .send({ error: error.error, error_description: error.error_description })
    }
  })
}

/** @throws `invalid_token` */
function presentedToken(request: FastifyRequest): { scheme: string; value: string } {
  const [scheme = '', value = '', ...rest] = (request.headers.authorization ?? '').split(' ')
  if (value === '' || rest.length > 0) throw new errors.InvalidToken('no access token provided')
  return { scheme: scheme.toLowerCase(), value }
}

async function upgradeStatus(tenant: Tenant, familyId: string): Promise<UpgradeStatus> {
  const { db } = tenant.services.store
  const family = await findFamily(db, tenant.id, familyId)
  const upgrade = family && (await findGuestUpgrade(db, tenant.id, family.session_id))
  // Whoever signed in second with the same guest has a session of their own, which was no guest's.
  if (!upgrade) return 'none'
  return deliveryStatus(db, tenant.id, upgrade.event_id)
}
