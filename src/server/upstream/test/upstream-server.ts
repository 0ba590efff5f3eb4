import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { type Configuration, type KoaContextWithOIDC, Provider } from 'oidc-provider'
import { type ForgedKeys, type Forgery, forgeIdToken } from './forged-id-token.ts'
import { createMemoryAdapter } from './memory-adapter.ts'

const CLIENT_ID = 'portico-at-acme'
const CLIENT_SECRET = 'a-secret-of-the-provider-0123456789'

type Claims = Record<string, unknown>

/** What a provider does that it shouldn't. */
export interface Lies {
  idToken?: Forgery
  /** Differs from the true metadata. */
  metadata?: Claims
  /** How it answers at these paths instead. */
  answers?: Record<string, 'hang' | 'trickle' | 'huge' | 'redirect' | 'fail' | 'break off' | 'page'>
}

/** A provider people have accounts at: a stock node-oidc-provider on a port of its own, honest until told to lie. */
export interface UpstreamServer {
  issuer: string
  /** By the name people type there; each claim as the provider tells it. */
  accounts: Map<string, Claims>
  lies: Lies
  /** What it signs with. */
  keys: ForgedKeys
  /** Paths it was asked for. */
  asked: string[]
  /** Its entry in a tenant's configuration. */
  entry(overrides?: Claims): Claims
  close(): Promise<void>
}

export interface UpstreamOptions {
  /** Issuer of the portal's tenant, and the names under which it knows this provider. */
  portal?: string
  names?: string[]
  /** Addresses of apps that send people there themselves. */
  redirectUris?: string[]
}

export async function startUpstream({
  portal = 'http://localhost:3000/demo',
  names = ['acme'],
  redirectUris = [],
}: UpstreamOptions = {}): Promise<UpstreamServer> {
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const keys = await makeKeys()
  const server: Omit<UpstreamServer, 'close'> = {
    issuer,
    accounts: new Map(),
    lies: {},
    keys,
    asked: [],
    entry: (overrides) => ({
      name: 'acme',
      label: 'Acme',
      issuer,
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      ...overrides,
    }),
  }
  const provider = new Provider(issuer, {
    ...stockConfiguration(server.accounts, [
      { ...(await exportJWK(keys.privateKey)), kid: keys.kid, alg: 'RS256', use: 'sig' },
      { ...(await exportJWK(keys.es256.privateKey)), kid: keys.es256.kid, alg: 'ES256', use: 'sig' },
    ]),
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [...names.map((name) => `${portal}/upstream/${name}/callback`), ...redirectUris],
      },
    ],
  })
  provider.use(async (ctx, next) => {
    await next()
    await lie(ctx as KoaContextWithOIDC, server.lies, keys)
  })
  const honest = provider.callback()
  http.on('request', (request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    server.asked.push(path)
    if (misbehave(server.lies.answers?.[path], response)) return
    if (path.startsWith('/interaction/')) return void interact(provider, request, response)
    void honest(request, response)
  })
  return Object.assign(server, {
    async close() {
      http.closeAllConnections()
      if (http.listening) await new Promise((done) => http.close(done))
    },
  })
}

async function makeKeys(): Promise<ForgedKeys> {
  const [rs256, es256] = [
    await generateKeyPair('RS256', { extractable: true }),
    await generateKeyPair('ES256', { extractable: true }),
  ]
  return { ...rs256, kid: 'acme-1', es256: { ...es256, kid: 'acme-2' } }
}

function stockConfiguration(accounts: Map<string, Claims>, keys: JWK[]): Configuration {
  return {
    adapter: createMemoryAdapter(),
    jwks: { keys: keys as NonNullable<Configuration['jwks']>['keys'] },
    cookies: { keys: ['a key of the provider of the tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 3600 },
    findAccount: async (_ctx, sub) => {
      const claims = accounts.get(sub)
      return claims && { accountId: sub, claims: async () => ({ sub, ...claims }) }
    },
    // Its people are not asked what the portal may know.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ accountId: oidc.account?.accountId, clientId: oidc.client?.clientId })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  }
}

async function lie({ oidc, body }: KoaContextWithOIDC, lies: Lies, keys: ForgedKeys): Promise<void> {
  if (typeof body !== 'object' || body === null) return
  if (oidc?.route === 'discovery' && lies.metadata) Object.assign(body, lies.metadata)
  if (oidc?.route !== 'token' || !lies.idToken || !('id_token' in body)) return
  body.id_token = await forgeIdToken(String(body.id_token), lies.idToken, { keys, clientSecret: CLIENT_SECRET })
}

/** `true` when the answer has been given, or never will be. */
function misbehave(how: NonNullable<Lies['answers']>[string] | undefined, response: ServerResponse): boolean {
  const json = { 'content-type': 'application/json' }
  if (how === undefined) return false
  if (how === 'trickle') {
    response.writeHead(200, json)
    const dripping = setInterval(() => response.write(' '), 200)
    response.on('close', () => clearInterval(dripping))
  }
  if (how === 'huge') {
    response.writeHead(200, json)
    const more = () => {
      while (response.write(' '.repeat(65_536)));
    }
    response.on('drain', more)
    more()
  }
  if (how === 'redirect') response.writeHead(302, { location: '/elsewhere' }).end()
  if (how === 'fail') response.writeHead(503, json).end('{}')
  if (how === 'break off') response.destroy()
  if (how === 'page') response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Out for lunch</h1>')
  return true
}

/** Its sign-in page: a name is enough. */
async function interact(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end(
      `<!doctype html><title>Acme</title><h1>Sign in at Acme</h1><form method="post">
      <label>Account <input name="login" autofocus></label><button>Go on</button>
      <button name="cancel" value="yes">Cancel</button></form>`,
    )
    return
  }
  const form = new URLSearchParams(await text(request))
  const result = form.has('cancel')
    ? { error: 'access_denied', error_description: 'the person turned back' }
    : { login: { accountId: form.get('login') ?? '' } }
  await provider.interactionFinished(request, response, result)
}
