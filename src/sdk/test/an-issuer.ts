import { createHash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, decodeJwt, EmbeddedJWK, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import type { GuestUpgrade } from '../browser/auth-state.ts'
import { type Guest, guestBook } from './guests.ts'

export const issuerAddress = 'https://id.example.com/demo'
export const clientId = 'catalog'
export const redirectUri = 'https://shop.example/callback'
export const audience = 'https://api.example.com'
export const guestGrant = 'urn:portico:grant-type:guest'

/** What happens to the next token request instead of an ordinary answer. */
export type Fault =
  /** The request never arrives. */
  | 'unreachable'
  /** The request arrives and its answer is lost. */
  | 'answer-lost'
  | Response

interface Grant {
  kind: 'code' | 'refresh'
  sub: string
  nonce: string | null
  challenge: string | null
  redirectUri: string | null
  jkt: string | undefined
  scope: string
  sessionId: string
  family: string
  /** The guest this sign-in began as; `none` when the token shown was no good. */
  guest: Guest | 'none' | undefined
  /** Successor, once used. */
  successor?: string
}

/** An issuer in process: Request in, Response out, with real keys. */
export async function anIssuer({ nonces = true, lifetimeSeconds = 600, clockAheadMs = 0, rotates = true } = {}) {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'ES256', use: 'sig' }
  const grants = new Map<string, Grant>()
  const ended = new Set<string>()
  const faults: Fault[] = []
  const guests = guestBook()
  const pushed = new Map<string, { parameters: URLSearchParams; guest: Grant['guest'] }>()
  const requests: { path: string; form: URLSearchParams; headers: Headers }[] = []
  const settings = {
    isOffline: false,
    nonces,
    lifetimeSeconds,
    clockAheadMs,
    rotates,
    roles: ['Shopper'] as string[] | string,
    nonce: 'nonce-1',
    /** Those people may act for. */
    companies: [] as string[],
    /** What `/me/upgrade` answers. */
    upgrade: 'pending' as GuestUpgrade,
    /** Whether there is a place to sign out at. */
    hasLogout: true,
    /** What `/par` answers instead of taking the request. */
    pushFault: undefined as Fault | undefined,
  }
  const now = () => Math.floor((Date.now() + settings.clockAheadMs) / 1000)

  const sign = (claims: Record<string, unknown>, typ: string) =>
    new SignJWT({ iss: issuerAddress, iat: now(), ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'key-1', typ })
      .sign(privateKey)

  const answer = (body: unknown, status = 200, headers: Record<string, string> = {}) => {
    const date = new Date(now() * 1000).toUTCString()
    return new Response(JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json', date, 'dpop-nonce': settings.nonce, ...headers },
    })
  }
  const refuse = (error: string, status = 400) => answer({ error, error_description: `<b>${error}</b>` }, status)

  async function readProof(headers: Headers, path: string): Promise<{ jkt?: string; error?: string }> {
    const proof = headers.get('dpop')
    if (!proof) return {}
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt' })
    if (payload.htu !== `${issuerAddress}${path}` || payload.htm !== 'POST') return { error: 'invalid_dpop_proof' }
    if (settings.nonces && payload.nonce !== settings.nonce) return { error: 'use_dpop_nonce' }
    if (!settings.nonces && Math.abs(Number(payload.iat) - now()) > 60) return { error: 'invalid_dpop_proof' }
    return { jkt: await calculateJwkThumbprint(protectedHeader.jwk ?? {}) }
  }

  async function issueToGuest(guest: Guest) {
    const { sub, sessionId, jkt, visit } = guest
    const times = { jti: randomUUID(), exp: now() + settings.lifetimeSeconds }
    const claims = { sub, sid: sub, client_id: clientId, aud: audience, session_id: sessionId, guest: true, ...visit }
    return answer({
      access_token: await sign({ ...claims, ...times, ...(jkt && { cnf: { jkt } }) }, 'at+jwt'),
      token_type: jkt ? 'DPoP' : 'Bearer',
      expires_in: settings.lifetimeSeconds,
      scope: '',
      session_id: sessionId,
      refresh_token: guests.seal(guest),
    })
  }

  async function push(form: URLSearchParams, headers: Headers): Promise<Response> {
    const { jkt, error } = await readProof(headers, '/par')
    if (error) return refuse(error)
    const parameters = new URLSearchParams(form)
    parameters.delete('guest_token')
    if (jkt) parameters.set('dpop_jkt', jkt)
    const guest = form.has('guest_token') ? (guests.open(form.get('guest_token'), jkt) ?? 'none') : undefined
    const requestUri = `urn:ietf:params:oauth:request_uri:${randomUUID()}`
    pushed.set(requestUri, { parameters, guest })
    return answer({ request_uri: requestUri, expires_in: 60 }, 201)
  }

  /** Spends the guest, once. */
  function upgrade(grant: Grant): { sessionId: string; guestUpgrade?: 'pending' | 'none' } {
    const { guest, sessionId } = grant
    if (guest === undefined) return { sessionId }
    if (guest === 'none' || guest.isEnded) return { sessionId, guestUpgrade: 'none' }
    guest.isEnded = true
    return { sessionId: guest.sessionId, guestUpgrade: 'pending' }
  }

  async function issue(
    grant: Grant,
    refreshToken: string,
    { guestUpgrade, company }: { guestUpgrade?: 'pending' | 'none' | undefined; company?: string | undefined } = {},
  ) {
    const { sub, scope, sessionId, family, jkt, nonce } = grant
    const accessToken = await sign(
      {
        sub,
        scope,
        client_id: clientId,
        aud: audience,
        jti: randomUUID(),
        exp: now() + settings.lifetimeSeconds,
        roles: settings.roles,
        sid: family,
        session_id: sessionId,
        ...(company !== undefined && { legal_entity_id: company }),
        ...(jkt && { cnf: { jkt } }),
      },
      'at+jwt',
    )
    const { companies: legal_entities } = settings
    const contact = { name: 'Ada', email: 'ada@example.com', email_verified: true, preferred_username: 'ada' }
    const person = { ...contact, ...(legal_entities.length > 0 && { legal_entities }) }
    const idToken = await sign(
      { sub, aud: clientId, exp: now() + 3600, nonce: nonce ?? undefined, sid: family, ...person },
      'JWT',
    )
    return answer({
      access_token: accessToken,
      token_type: jkt ? 'DPoP' : 'Bearer',
      expires_in: settings.lifetimeSeconds,
      scope,
      session_id: sessionId,
      refresh_token: refreshToken,
      id_token: idToken,
      guest_upgrade: guestUpgrade,
      legal_entity_id: company,
    })
  }

  async function token(form: URLSearchParams, headers: Headers): Promise<Response> {
    const { jkt, error } = await readProof(headers, '/token')
    if (error) return refuse(error)
    if (form.get('grant_type') === guestGrant) return issueToGuest(guests.begin(form, jkt))
    if (form.get('refresh_token')?.startsWith('guest.')) {
      const guest = guests.open(form.get('refresh_token'), jkt)
      return guest ? issueToGuest(guest) : refuse('invalid_grant')
    }
    const isCode = form.get('grant_type') === 'authorization_code'
    const presented = form.get(isCode ? 'code' : 'refresh_token') ?? ''
    const grant = grants.get(presented)
    if (!grant || ended.has(grant.family) || grant.kind !== (isCode ? 'code' : 'refresh'))
      return refuse('invalid_grant')
    if (grant.jkt !== undefined && grant.jkt !== jkt) return refuse('invalid_grant')
    if (isCode && (grant.successor || !provesChallenge(form, grant))) return refuse('invalid_grant')
    const company = (!isCode && form.get('legal_entity_id')) || undefined
    if (company !== undefined && !settings.companies.includes(company)) return refuse('access_denied', 403)
    if (!isCode && !settings.rotates) return issue(grant, presented, { company })
    const successor = grant.successor ?? randomUUID()
    grants.set(presented, { ...grant, successor })
    const { guestUpgrade, sessionId } = isCode ? upgrade(grant) : { sessionId: grant.sessionId }
    const next: Grant = { ...grant, kind: 'refresh', sessionId, ...(jkt && { jkt }) }
    if (!grant.successor) grants.set(successor, next)
    return issue(next, successor, { guestUpgrade, company })
  }

  async function respond(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const path = pathname.replace('/demo', '')
    if (path === '/.well-known/openid-configuration') {
      return answer({ ...metadata, ...(!settings.hasLogout && { end_session_endpoint: undefined }) })
    }
    if (path === '/jwks') return answer({ keys: [jwk] })
    const form = new URLSearchParams(await request.text())
    requests.push({ path, form, headers: request.headers })
    if (path === '/token') return token(form, request.headers)
    if (path === '/par') return push(form, request.headers)
    if (path === '/me/upgrade') return answer({ status: settings.upgrade })
    if (path === '/revoke') {
      const family = grants.get(form.get('token') ?? '')?.family
      if (family) ended.add(family)
      guests.end(form.get('token') ?? '')
      return answer({})
    }
    return refuse('not_found', 404)
  }

  const issuer = {
    /** The issuer as the SDK sees it. */
    fetch: (async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = new Request(input, init)
      const { pathname } = new URL(request.url)
      const fault = pathname.endsWith('/token')
        ? faults.shift()
        : pathname.endsWith('/par')
          ? settings.pushFault
          : undefined
      if (fault === 'unreachable' || settings.isOffline) throw new TypeError('fetch failed')
      if (fault instanceof Response) return fault.clone()
      const response = await respond(request)
      if (fault === 'answer-lost') throw new TypeError('fetch failed')
      return response
    }) as typeof fetch,
    /** Answers a sign-in as the portal would once the person agrees: the address it sends them back to. */
    authorize(address: URL, { sub = 'ada-1', error }: { sub?: string; error?: string } = {}): URL {
      const request = pushed.get(address.searchParams.get('request_uri') ?? '')
      const asked = request?.parameters ?? address.searchParams
      const back = new URL(asked.get('redirect_uri') ?? '')
      const code = randomUUID()
      grants.set(code, {
        kind: 'code',
        sub,
        nonce: asked.get('nonce'),
        challenge: asked.get('code_challenge'),
        redirectUri: asked.get('redirect_uri'),
        jkt: asked.get('dpop_jkt') ?? undefined,
        scope: asked.get('scope') ?? '',
        sessionId: randomUUID(),
        family: randomUUID(),
        guest: request?.guest,
      })
      back.searchParams.set(error ? 'error' : 'code', error ?? code)
      back.searchParams.set('state', asked.get('state') ?? '')
      back.searchParams.set('iss', issuerAddress)
      return back
    },
    /** Ends every login, as an administrator would. */
    endAll() {
      for (const { family } of grants.values()) ended.add(family)
      guests.endAll()
    },
    countOf: (grantType: string) => requests.filter(({ form }) => form.get('grant_type') === grantType).length,
    sign,
    jwk,
    privateKey,
    publicKey,
    faults,
    requests,
    settings,
  }
  return issuer
}

export type AnIssuer = Awaited<ReturnType<typeof anIssuer>>

export const metadata = {
  issuer: issuerAddress,
  authorization_endpoint: `${issuerAddress}/authorize`,
  token_endpoint: `${issuerAddress}/token`,
  pushed_authorization_request_endpoint: `${issuerAddress}/par`,
  end_session_endpoint: `${issuerAddress}/logout`,
  revocation_endpoint: `${issuerAddress}/revoke`,
  jwks_uri: `${issuerAddress}/jwks`,
  authorization_response_iss_parameter_supported: true,
  response_modes_supported: ['query', 'fragment', 'web_message'],
}

function provesChallenge(form: URLSearchParams, { challenge, redirectUri: asked }: Grant): boolean {
  const hash = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url')
  return hash === challenge && form.get('redirect_uri') === asked
}

/** Claims of a token, unchecked. */
export const claimsOf = (token: string) => decodeJwt(token)
