import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { errors, type KoaContextWithOIDC, Provider, type ResponseType } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDpopKey } from '../test/dpop-key.ts'
import * as internals from './internals.ts'

/**
 * What our handlers rely on in modules that oidc-provider doesn't publish, tried on a bare engine: when an upgrade of it
 * turns one of these red, `internals.ts` and whoever uses that piece have to be looked at.
 */
describe('the engine, where it makes no promises', () => {
  let server: Server
  let provider: Provider
  let tokenUrl: string
  let work: (ctx: KoaContextWithOIDC) => unknown

  beforeAll(async () => {
    server = createServer((req, res) => void provider.callback()(req, res))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    tokenUrl = `${issuer}/token`
    provider = await bareEngine(issuer)
    provider.registerGrantType('urn:test:inside', async (ctx) => {
      ctx.body = { result: await work(ctx) }
    })
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))

  /** Runs `inside` where a grant handler of ours would run. */
  async function atTokenEndpoint<T>(
    inside: (ctx: KoaContextWithOIDC) => T | Promise<T>,
    { proof }: { proof?: string } = {},
  ): Promise<T> {
    let outcome: Promise<T> | undefined
    work = (ctx) => {
      outcome = (async () => inside(ctx))()
      return outcome.then(
        () => 'done',
        () => 'thrown',
      )
    }
    const body = new URLSearchParams({ grant_type: 'urn:test:inside', client_id: 'plain' })
    const response = await fetch(tokenUrl, {
      method: 'POST',
      body,
      headers: proof === undefined ? {} : { dpop: proof },
    })
    if (!outcome) throw new Error(`the handler was not reached: ${response.status} ${await response.text()}`)
    return outcome
  }

  describe('checkPkce', () => {
    // RFC 7636 appendix B.
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
    const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

    it('accepts the verifier of a challenge, and none where there is neither', () => {
      expect(() => internals.checkPkce(verifier, challenge, 'S256')).not.toThrow()
      expect(() => internals.checkPkce(undefined, undefined, undefined)).not.toThrow()
    })

    it('throws invalid_grant for another, a missing or an unasked one, and for plain', () => {
      const other = `${verifier.slice(0, -1)}A`
      for (const [given, stored, method] of [
        [other, challenge, 'S256'],
        [undefined, challenge, 'S256'],
        [verifier, undefined, undefined],
        [challenge, challenge, 'plain'],
      ] as const) {
        expect(() => internals.checkPkce(given, stored, method)).toThrow(errors.InvalidGrant)
      }
    })

    it('throws invalid_request for one of another form', () => {
      for (const given of [verifier.slice(1), 'x'.repeat(129), `${verifier}!`]) {
        expect(() => internals.checkPkce(given, challenge, 'S256')).toThrow(errors.InvalidRequest)
      }
    })
  })

  describe('validateDpop', () => {
    it('finds no proof where none was sent', async () => {
      expect(await atTokenEndpoint((ctx) => internals.validateDpop(provider, ctx))).toBeUndefined()
    })

    it("answers with the key's thumbprint and the proof's id, and remembers nothing", async () => {
      const key = await createDpopKey()
      const proof = await key.proof({ url: tokenUrl, jti: 'an-id' })
      for (let turn = 0; turn < 2; turn++) {
        const found = await atTokenEndpoint((ctx) => internals.validateDpop(provider, ctx), { proof })
        expect(found).toMatchObject({ thumbprint: key.thumbprint, jti: 'an-id' })
      }
    })

    it('throws invalid_dpop_proof for another method or address', async () => {
      const key = await createDpopKey()
      for (const request of [{ url: `${tokenUrl}x` }, { url: tokenUrl, method: 'GET' }]) {
        const proof = await key.proof(request)
        const tried = atTokenEndpoint((ctx) => internals.validateDpop(provider, ctx), { proof })
        await expect(tried).rejects.toThrow(errors.InvalidDpopProof)
      }
    })

    it('throws use_dpop_nonce for a clock that is off', async () => {
      const key = await createDpopKey()
      const proof = await key.proof({ url: tokenUrl, issuedAt: Math.floor(Date.now() / 1000) - 3600 })
      const tried = atTokenEndpoint((ctx) => internals.validateDpop(provider, ctx), { proof })
      await expect(tried).rejects.toThrow(errors.UseDpopNonce)
    })

    it('needs no more of a request than our own endpoints give it', async () => {
      const key = await createDpopKey()
      const accessToken = 'an-access-token'
      const url = 'https://shop.example/demo/me'
      const proof = await key.proof({ url, accessToken })
      const context = (value: string) => ({
        method: 'POST',
        get: () => value,
        set: () => {},
        oidc: { provider, route: 'edge', urlFor: () => url },
      })
      const check = (token: string) =>
        internals.validateDpop(provider, context(proof) as unknown as KoaContextWithOIDC, token)
      expect(await check(accessToken)).toMatchObject({ thumbprint: key.thumbprint })
      await expect(check('another')).rejects.toThrow(errors.InvalidDpopProof)
    })
  })

  describe('knowResponseType', () => {
    it('adds one that the configuration refuses, for clients that hold it and for discovery', async () => {
      const { privateKey } = await generateKeyPair('ES256', { extractable: true })
      const issuer = 'http://127.0.0.1:1'
      const client = {
        client_id: 'old',
        token_endpoint_auth_method: 'none' as const,
        grant_types: ['implicit'],
        response_types: ['token' as ResponseType],
        redirect_uris: ['https://old.test/'],
        id_token_signed_response_alg: 'ES256' as const,
      }
      const jwks = { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig' }] }
      const engine = new Provider(issuer, { clients: [client], jwks, responseTypes: ['code', 'id_token token'] })
      await expect(engine.Client.find('old')).rejects.toThrow()
      internals.knowResponseType(engine, 'token')
      expect((await engine.Client.find('old'))?.responseTypeAllowed('token' as ResponseType)).toBe(true)
    })
  })

  describe('endSession', () => {
    it('ends the session of a request that says so, and redirects to the address it was asked with', async () => {
      const said: string[] = []
      const ctx = {
        cookies: { set: (name: string) => said.push(`cookie ${name}`) },
        redirect: (address: string) => said.push(`redirect ${address}`),
        oidc: {
          provider,
          params: { logout: 'yes' },
          entity: () => {},
          client: undefined,
          session: {
            state: { postLogoutRedirectUri: 'https://shop.example/bye', state: 's' },
            destroy: async () => said.push('destroyed'),
          },
        },
      } as unknown as KoaContextWithOIDC
      await internals.endSession(ctx)
      expect(said[0]).toBe('destroyed')
      expect(said).toContain(
        `cookie ${(provider as unknown as { cookieName(kind: string): string }).cookieName('session')}`,
      )
      expect(said.at(-1)).toMatch(/^redirect https:\/\/shop\.example\/bye\?state=s/)
    })
  })
})

async function bareEngine(issuer: string): Promise<Provider> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const client = {
    token_endpoint_auth_method: 'none' as const,
    grant_types: ['urn:test:inside'],
    response_types: [],
    redirect_uris: [],
    id_token_signed_response_alg: 'ES256' as const,
  }
  return new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'a-key' }] },
    clients: [{ ...client, client_id: 'plain' }],
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 1) },
      rpInitiatedLogout: { enabled: true },
    },
  })
}
