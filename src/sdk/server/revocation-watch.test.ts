import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { createRevocationWatch, type RevocationWatch } from './revocation-watch.ts'

const issuer = 'https://id.example.com/demo'
const { privateKey, publicKey } = await generateKeyPair('ES256')
const login1 = { sid: 'login-1', jti: 'token-1', client_id: 'catalog' }
const findKey = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] })

describe('the revocation list, followed', () => {
  let clock: number
  let revoked: string[]
  /** Entries that name no login. */
  let others: object[]
  let requests: (string | null)[]
  let isDown: boolean
  let signedBy: typeof privateKey
  let watch: RevocationWatch

  async function answer(init?: RequestInit): Promise<Response> {
    if (isDown) throw new TypeError('fetch failed')
    const etag = `"${revoked.join(' ')}"`
    const known = new Headers(init?.headers).get('if-none-match')
    requests.push(known)
    if (known === etag) return new Response(null, { status: 304 })
    const seconds = Math.floor(clock / 1000)
    const entries = [...revoked.map((sid) => ({ sid })), ...others]
    const jwt = await new SignJWT({ revocations: entries.map((entry) => ({ ...entry, until: seconds + 600 })) })
      .setProtectedHeader({ alg: 'ES256', typ: 'revocations+jwt', kid: 'k' })
      .setIssuer(issuer)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + 300)
      .sign(signedBy)
    return new Response(jwt, { headers: { etag } })
  }

  beforeEach(() => {
    clock = Date.UTC(2026, 10, 22)
    revoked = []
    others = []
    requests = []
    isDown = false
    signedBy = privateKey
    watch = createRevocationWatch(issuer, { fetch: (_url, init) => answer(init), findKey, now: () => clock })
  })

  it('knows from the first token on who has signed out', async () => {
    revoked = ['login-1']
    expect(await watch.isRevoked(login1)).toBe(true)
    expect(await watch.isRevoked({ sid: 'login-2', jti: 'token-2', client_id: 'login-1' })).toBe(false)
  })

  it.each([
    ['one token', { jti: 'token-1' }],
    ['all that an app was given', { client_id: 'catalog' }],
  ])('may name %s', async (_what, entry) => {
    others = [entry]
    expect(await watch.isRevoked(login1)).toBe(true)
    expect(await watch.isRevoked({ sid: 'catalog', jti: 'catalog', client_id: 'token-1' })).toBe(false)
  })

  it('asks once for any number of tokens', async () => {
    await Promise.all(Array.from({ length: 50 }, () => watch.isRevoked(login1)))
    clock += 4_900
    await watch.isRevoked(login1)
    expect(requests).toHaveLength(1)
  })

  it('is at most ten seconds behind, and asks whether anything changed', async () => {
    await watch.isRevoked(login1)
    revoked = ['login-1']
    clock += 10_000
    expect(await watch.isRevoked(login1)).toBe(true)
    clock += 10_000
    await watch.isRevoked(login1)
    expect(requests).toEqual([null, '""', '"login-1"'])
  })

  it('goes on with the last list while the issuer is away, without asking for each token', async () => {
    revoked = ['login-1']
    await watch.isRevoked(login1)
    isDown = true
    clock += 20_000
    expect(await watch.isRevoked(login1)).toBe(true)
    isDown = false
    await watch.isRevoked(login1)
    expect(requests).toHaveLength(1)
    clock += 5_000
    await watch.isRevoked(login1)
    expect(requests).toHaveLength(2)
  })

  it('believes no list that the issuer has not signed', async () => {
    revoked = ['login-1']
    signedBy = (await generateKeyPair('ES256')).privateKey
    expect(await watch.isRevoked(login1)).toBe(false)
  })

  it('is not taken back by an older list, as a cache in between might keep one', async () => {
    const older = await answer()
    clock += 20_000
    revoked = ['login-1']
    let isStale = false
    const fetch = async (_url: unknown, init?: RequestInit) => (isStale ? older.clone() : answer(init))
    const cached = createRevocationWatch(issuer, { fetch, findKey, now: () => clock })
    expect(await cached.isRevoked(login1)).toBe(true)
    isStale = true
    clock += 20_000
    expect(await cached.isRevoked(login1)).toBe(true)
  })
})
