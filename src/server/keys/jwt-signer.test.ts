import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, jwtVerify } from 'jose'
import { expect, it } from 'vitest'
import { createJwtSigner } from './jwt-signer.ts'
import type { SigningJwk } from './tenant-keys.ts'

async function aKey(alg: SigningJwk['alg']) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(privateKey)
  const key: SigningJwk = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: 'sig' }
  return { key, publicKey: await importJWK(await exportJWK(publicKey), alg) }
}

it.each(['ES256', 'RS256'] as const)('signs what any library verifies, under the header asked for: %s', async (alg) => {
  const { key, publicKey } = await aKey(alg)
  const sign = await createJwtSigner(key, 'at+jwt')
  const verified = await jwtVerify(await sign({ sub: 'g\u00e4st', roles: ['Browser'] }), publicKey, { typ: 'at+jwt' })
  expect(verified.protectedHeader).toEqual({ alg, typ: 'at+jwt', kid: key.kid })
  expect(verified.payload).toEqual({ sub: 'g\u00e4st', roles: ['Browser'] })
})

it('names no type where none was asked for', async () => {
  const { key, publicKey } = await aKey('ES256')
  const sign = await createJwtSigner(key)
  const { protectedHeader } = await jwtVerify(await sign({}), publicKey)
  expect(protectedHeader).toEqual({ alg: 'ES256', kid: key.kid })
})
