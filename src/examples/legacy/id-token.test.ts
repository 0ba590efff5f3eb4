import { createHash } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { checkIdToken } from './public/id-token.js'

const accessToken = 'an-access-token'
const expected = { issuer: 'https://portal.test/demo', clientId: 'legacy', nonce: 'a-nonce', accessToken }
const atHash = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url')
const goodClaims = { iss: expected.issuer, aud: 'legacy', sub: 'ada', nonce: 'a-nonce', at_hash: atHash }

describe.each(['RS256', 'ES256'])('an ID token signed with %s', async (alg) => {
  const [{ privateKey, publicKey }, stranger] = await Promise.all([generateKeyPair(alg), generateKeyPair(alg)])
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'a-key' }]
  const jwksUri = `data:application/json,${encodeURIComponent(JSON.stringify({ keys }))}`
  const check = async (claims: JWTPayload, { key = privateKey, endsAt = '1h', kid = 'a-key' } = {}) => {
    const token = await new SignJWT(claims).setProtectedHeader({ alg, kid }).setExpirationTime(endsAt).sign(key)
    return checkIdToken(token, { ...expected, jwksUri })
  }

  test('is believed when it answers this sign-in', async () => {
    expect(await check({ ...goodClaims, name: 'Zoë' })).toMatchObject({ sub: 'ada', name: 'Zoë' })
  })

  test.each([
    ['of another issuer', { iss: 'https://evil.test' }],
    ['for another app', { aud: 'catalog' }],
    ['of another sign-in', { nonce: 'another' }],
    ['beside another access token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }],
  ])('is refused: %s', async (_case, claims) => {
    await expect(check({ ...goodClaims, ...claims })).rejects.toThrow('not the answer')
  })

  test('is refused when it has ended, or a stranger signed it', async () => {
    await expect(check(goodClaims, { endsAt: '-1s' })).rejects.toThrow('not the answer')
    await expect(check(goodClaims, { key: stranger.privateKey })).rejects.toThrow('signature')
    await expect(check(goodClaims, { kid: 'unknown' })).rejects.toThrow('unknown key')
  })
})

test('an ID token without a signature is refused (RFC 8725 section 3.1)', async () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = `${part({ alg: 'none', kid: 'a-key' })}.${part(goodClaims)}.`
  const jwksUri = `data:application/json,${encodeURIComponent(JSON.stringify({ keys: [{ kid: 'a-key' }] }))}`
  await expect(checkIdToken(token, { ...expected, jwksUri })).rejects.toThrow('unknown key')
})
