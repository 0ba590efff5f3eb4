import { randomUUID } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAudit } from '../../audit/audit.ts'
import type { ClientConfig } from '../../config/schema.ts'
import { createGuestLimit } from '../../guests/guest-limit.ts'
import { createGuestSealer } from '../../guests/guest-session.ts'
import { createGuestTemplates } from '../../guests/guest-templates.ts'
import { createSealer } from '../../keys/sealing.ts'
import { loadTenantKeys } from '../../keys/tenant-keys.ts'
import { createTokenSigner } from '../../keys/token-signer.ts'
import type { Services } from '../../services.ts'
import { findUserByName } from '../../store/users.ts'
import { createTenant, loadClient } from '../../tenant/tenant.ts'
import { basicAuth, postToEndpoint, signedIn } from '../../test/flows.ts'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import {
  AUDIENCE,
  aClient,
  aConfidentialClient,
  aConfig,
  aGuestClient,
  ISSUER,
  SECRET,
} from '../../test/test-config.ts'
import { createUpstreams } from '../../upstream/upstreams.ts'
import type { GrantParts } from './grant-request.ts'
import { grantTokens } from './grant-tokens.ts'
import { personHolder } from './holder.ts'
import { createMintLimit } from './mint-limit.ts'
import { startLogin } from './start-login.ts'
import type { TokenDialect } from './token-dialect.ts'

const config = aConfig({
  tenant: {
    clients: [
      aGuestClient(),
      aConfidentialClient(),
      aClient({ client_id: 'bound', dpop_bound_access_tokens: true }),
      aClient({ client_id: 'code-only', grant_types: ['authorization_code'] }),
      aClient({ client_id: 'mobile', grant_types: ['password', 'refresh_token'] }),
    ],
  },
})

let app: TestApp
let parts: GrantParts
beforeAll(async () => {
  app = await startTestApp({ config })
  parts = await partsOf(app)
})
afterAll(() => app.close())

/** What a route in the same process has: the same store, the same keys. */
async function partsOf({ store }: TestApp): Promise<GrantParts> {
  const { limits, origin, secrets, tenants } = config
  const audit = createAudit(store, { info: () => {} })
  const services = { audit, limits, origin, secrets, store } as unknown as Services
  if (!tenants.demo) throw new Error('no tenant')
  const tenant = createTenant('demo', tenants.demo, services)
  const keys = await loadTenantKeys(store, createSealer([SECRET], 'tenant keys'), 'demo', Date.now())
  const guests = {
    sealer: createGuestSealer(tenant),
    limit: createGuestLimit(store, 'demo', limits),
    templates: createGuestTemplates(tenant),
  }
  return {
    tenant,
    signer: await createTokenSigner(keys),
    guests,
    mints: createMintLimit(store, 'demo'),
    upstreams: createUpstreams(tenant),
  }
}

const clientOf = (id: string): ClientConfig => loadClient(parts.tenant, id)

interface Answer {
  access_token: string
  refresh_token?: string
  expires_in: number
}

async function ask(
  params: Record<string, string>,
  { client = 'catalog', dialect }: { client?: string; dialect?: TokenDialect } = {},
) {
  const origin = { ip: '127.0.0.1', requestId: 'in-process' }
  const question = { client: clientOf(client), params, proof: undefined, origin, dialect }
  return (await grantTokens(parts, question)) as unknown as Answer
}

async function refreshed(dialect?: TokenDialect) {
  const { refreshToken } = await signedIn(app)
  const answer = await ask({ grant_type: 'refresh_token', refresh_token: refreshToken }, dialect ? { dialect } : {})
  return { refreshToken, answer }
}

const aGuest = { grant_type: 'urn:portico:grant-type:guest' }

describe('a grant answered in process', () => {
  it('gives tokens that are good at every endpoint', async () => {
    const { answer } = await refreshed()
    const fields = { token: answer.access_token }
    expect(await postToEndpoint(app, 'introspect', fields, { headers: basicAuth() })).toMatchObject({
      body: { active: true, client_id: 'catalog' },
    })
    const again = { grant_type: 'refresh_token', client_id: 'catalog', refresh_token: answer.refresh_token ?? '' }
    expect((await postToEndpoint(app, 'token', again)).status).toBe(200)
  })

  it('is one that the client holds', async () => {
    const params = { grant_type: 'refresh_token', refresh_token: 'x' }
    await expect(ask(params, { client: 'code-only' })).rejects.toMatchObject({ error: 'unauthorized_client' })
    await expect(ask(aGuest, { client: 'orders' })).rejects.toMatchObject({ error: 'unauthorized_client' })
    await expect(ask({ grant_type: 'implicit' })).rejects.toMatchObject({ error: 'unsupported_grant_type' })
    await expect(ask({})).rejects.toMatchObject({ error: 'invalid_request' })
  })

  it('needs a proof where the client always binds', async () => {
    const params = { grant_type: 'refresh_token', refresh_token: 'x' }
    await expect(ask(params, { client: 'bound' })).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('takes no scope that is none', async () => {
    const params = { grant_type: 'refresh_token', refresh_token: 'x', scope: 'openid\nprofile' }
    await expect(ask(params)).rejects.toMatchObject({ error: 'invalid_scope' })
  })
})

describe('a dialect', () => {
  it.each([
    ['a member', () => refreshed({ alg: 'RS256' }).then(({ answer }) => answer)],
    ['a guest', () => ask(aGuest, { dialect: { alg: 'RS256' } })],
  ])('signs access tokens as it likes, and they are introspected like others: %s', async (_who, get) => {
    const { access_token: token } = await get()
    const response = await app.server.inject({ url: '/demo/jwks', headers: { host: 'localhost:3000' } })
    const options = { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt' }
    const { protectedHeader } = await jwtVerify(token, createLocalJWKSet(response.json()), options)
    expect(protectedHeader.alg).toBe('RS256')
    const answer = await postToEndpoint(app, 'introspect', { token }, { headers: basicAuth() })
    expect(answer.body).toMatchObject({ active: true })
  })

  const claims: TokenDialect = {
    accessTokenClaims: ({ user, roles, isGuest }) => ({
      usr: user?.username,
      role: roles,
      usrtype: isGuest ? 'anonymous' : 'buyer',
      sub: 'somebody else',
      roles: ['MeAdmin'],
      exp: 9_999_999_999,
    }),
  }

  it('adds claims, and replaces none', async () => {
    const { answer } = await refreshed(claims)
    const member = decodeJwt(answer.access_token)
    expect(member).toMatchObject({ usr: 'ada', role: ['Shopper'], usrtype: 'buyer', roles: ['Shopper'] })
    const guest = decodeJwt((await ask(aGuest, { dialect: claims })).access_token)
    expect(guest).toMatchObject({ usr: 'visitor', role: ['Browser'], usrtype: 'anonymous', guest: true })
    for (const { sub, exp } of [member, guest]) {
      expect(sub).not.toBe('somebody else')
      expect(exp).not.toBe(9_999_999_999)
    }
  })

  it('shortens access tokens, and never lengthens them', async () => {
    const shorter = await refreshed({ accessTokenTtlSeconds: 60 })
    expect(shorter.answer.expires_in).toBe(60)
    const longer = await refreshed({ accessTokenTtlSeconds: 86_400 })
    expect(longer.answer.expires_in).toBe(600)
    expect((await ask(aGuest, { dialect: { accessTokenTtlSeconds: 60 } })).expires_in).toBe(60)
    expect((await ask(aGuest, { dialect: { accessTokenTtlSeconds: 86_400 } })).expires_in).toBe(3600)
  })

  it('keeps the refresh token of a login that began in it, wherever that is renewed', async () => {
    const { refreshToken } = await begun({ rotation: 'fixed' })
    const again = { grant_type: 'refresh_token', client_id: 'mobile', refresh_token: refreshToken }
    for (const dialect of [{ rotation: 'fixed' } as const, {}])
      expect(await ask(again, { client: 'mobile', dialect })).not.toHaveProperty('refresh_token')
    const { status, body } = await postToEndpoint(app, 'token', again)
    expect(status).toBe(200)
    expect(body).not.toHaveProperty('refresh_token')
  })

  it('can’t keep a refresh token from rotating whose login began elsewhere', async () => {
    const { answer, refreshToken } = await refreshed({ rotation: 'fixed' })
    expect(answer.refresh_token).toEqual(expect.any(String))
    expect(answer.refresh_token).not.toBe(refreshToken)
  })

  it('gives guests one token, for as long as it says, and nothing to renew it with', async () => {
    const answer = await ask(aGuest, { dialect: { guestTtlSeconds: 86_400 } })
    expect(answer.expires_in).toBe(86_400)
    for (const name of Object.keys(answer)) expect(name).not.toMatch(/^refresh_token/)
  })
})

/** A login that begins in a dialect: its first tokens stand in for whatever grant began it. */
async function begun(dialect: TokenDialect) {
  const { tenant } = parts
  const ada = await findUserByName(tenant.services.store.db, tenant.id, 'ada')
  if (!ada) throw new Error('nobody is called ada')
  const client = clientOf('mobile')
  const request = {
    ...parts,
    client,
    params: {},
    proof: undefined,
    origin: { ip: '127.0.0.1', requestId: 'begun' },
    dialect,
  }
  const answer = await startLogin(request, {
    familyId: randomUUID(),
    holder: personHolder(ada),
    scope: 'profile',
    roles: [],
    authentication: {},
    settle: async () => {},
  })
  return { refreshToken: String(answer.refresh_token) }
}
