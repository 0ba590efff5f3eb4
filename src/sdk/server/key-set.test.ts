import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { aToken } from '../test/a-token.ts'
import { anIssuer, audience, issuerAddress, metadata } from '../test/an-issuer.ts'
import { startVerifier } from './create-verifier.ts'

/** A verifier with a clock and a network a test can change. */
async function aVerifier() {
  const issuer = await anIssuer()
  const world = { now: Date.now(), isDown: false, keys: [issuer.jwk] as object[], asked: 0, issuer: issuerAddress }
  const fetch = async (input: RequestInfo | URL) => {
    // The revocation list is followed apart from the keys, and has tests of its own.
    if (!String(input).endsWith('/revocations')) world.asked += 1
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (world.isDown) throw new TypeError('fetch failed')
    const isKeys = String(input).endsWith('/jwks')
    return Response.json(isKeys ? { keys: world.keys } : { ...metadata, issuer: world.issuer })
  }
  const verifier = startVerifier({ issuer: issuerAddress, audience }, { fetch, now: () => world.now })
  return { issuer, verifier, world, token: (claims = {}) => aToken(issuer, { exp: 9_999_999_999, ...claims }) }
}

test('many requests at once load the keys once', async () => {
  const { verifier, world, token } = await aVerifier()
  const one = await token()
  await Promise.all(Array.from({ length: 30 }, () => verifier.verify(one)))
  expect(world.asked).toBe(2)
})

test('made-up key names lead to one look-up in 30 seconds', async () => {
  const { verifier, world, token, issuer } = await aVerifier()
  await verifier.verify(await token())
  world.now += 31_000
  for (let time = 0; time < 10; time += 1) {
    const forged = await aToken(issuer, {}, { kid: `made-up-${time}` })
    await expect(verifier.verify(forged)).rejects.toMatchObject({ code: 'token-invalid' })
  }
  expect(world.asked).toBe(4)
})

test('a new key is found as soon as a token names it', async () => {
  const { verifier, world, token } = await aVerifier()
  const claims = { iss: issuerAddress, aud: audience, sub: 's', client_id: 'c', iat: 1, exp: 9_999_999_999, jti: 'j' }
  await verifier.verify(await token())
  world.now += 31_000
  const next = await generateKeyPair('ES256', { extractable: true })
  world.keys.push({ ...(await exportJWK(next.publicKey)), kid: 'key-2', alg: 'ES256' })
  const signed = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'key-2' })
    .sign(next.privateKey)
  expect(await verifier.verify(signed)).toMatchObject({ sub: 's' })
})

test('a key taken out stops counting within ten minutes', async () => {
  const { verifier, world, token } = await aVerifier()
  const one = await token()
  await verifier.verify(one)
  world.keys = []
  world.now += 9 * 60_000
  await verifier.verify(one)
  world.now += 61_000
  await expect(verifier.verify(one)).rejects.toMatchObject({ code: 'token-invalid' })
})

test('an issuer that is down does not take its APIs along', async () => {
  const { verifier, world, token } = await aVerifier()
  const one = await token()
  await verifier.verify(one)
  world.isDown = true
  world.now += 3_600_000
  await verifier.verify(one)
  const asked = world.asked
  await verifier.verify(one)
  expect(world.asked).toBe(asked)
})

test('without any keys it is 503, which says nothing about the token, and works again later', async () => {
  const { verifier, world, token } = await aVerifier()
  const one = await token()
  world.isDown = true
  await expect(verifier.verify(one)).rejects.toMatchObject({
    code: 'keys-unavailable',
    status: 503,
    wwwAuthenticate: undefined,
    headers: { 'Cache-Control': 'no-store' },
  })
  world.isDown = false
  await verifier.verify(one)
})

test('keys of an issuer that calls itself something else are not used (RFC 8414 section 3.3)', async () => {
  const { verifier, world, token } = await aVerifier()
  world.issuer = 'https://evil.example/demo'
  await expect(verifier.verify(await token())).rejects.toMatchObject({ code: 'keys-unavailable' })
})

test('a token without a key name is refused', async () => {
  const { verifier, issuer } = await aVerifier()
  // @ts-expect-error no name
  await expect(verifier.verify(await aToken(issuer, {}, { kid: undefined }))).rejects.toMatchObject({
    code: 'token-invalid',
  })
})
