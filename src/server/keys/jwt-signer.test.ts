import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, jwtVerify } from 'jose'
import { expect, it } from 'vitest'
import { createJwtSigner } from './jwt-signer.ts'
import type { SigningJwk } from './tenant-keys.ts'

it('signs what any library verifies, under the header that was asked for', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  const key: SigningJwk = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' }
  const sign = await createJwtSigner(key, 'at+jwt')
  const jwt = await sign({ sub: 'g\u00e4st', roles: ['Browser'] })
  const verified = await jwtVerify(jwt, await importJWK(await exportJWK(publicKey), 'ES256'), { typ: 'at+jwt' })
  expect(verified.protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: key.kid })
  expect(verified.payload).toEqual({ sub: 'g\u00e4st', roles: ['Browser'] })
})
