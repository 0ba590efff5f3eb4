import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { hashSync } from 'bcryptjs'
import { describe, expect, test } from 'vitest'
import { base64Of } from './base64.ts'
import { parsePasswordHash } from './parse-password-hash.ts'
import { createPasswordHasher } from './password-hasher.ts'

const hasher = createPasswordHasher()
const password = 'correct horse battery'
const salt = Buffer.from('sixteen bytes of')

const scryptHash = `$scrypt$ln=14,r=8,p=1$${base64Of(salt)}$${base64Of(scryptSync(password, salt, 32, { N: 2 ** 14, r: 8, p: 1 }))}`
const pbkdf2Tag = base64Of(pbkdf2Sync(password, salt, 10_000, 32, 'sha256'))
const pbkdf2Hash = `$pbkdf2-sha256$i=10000$${base64Of(salt)}$${pbkdf2Tag}`
const passlibHash = `$pbkdf2-sha256$10000$${base64Of(salt).replaceAll('+', '.')}$${pbkdf2Tag.replaceAll('+', '.')}`
const bcryptHash = hashSync(password, 4)
/** From the Argon2 reference implementation: `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1`. */
const argon2Hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'

describe.each([
  ['scrypt', scryptHash],
  ['PBKDF2', pbkdf2Hash],
  ['PBKDF2 as passlib writes it', passlibHash],
  ['bcrypt', bcryptHash],
  ['bcrypt as PHP writes it', bcryptHash.replace('$2b$', '$2y$')],
])('a hash of %s from another system', (_name, hash) => {
  test('fits its password and asks to be replaced', async () => {
    expect(await hasher.verify(hash, password)).toEqual({ ok: true, rehash: true })
  })

  test('fits no other', async () => {
    expect(await hasher.verify(hash, `${password}!`)).toEqual({ ok: false, rehash: false })
  })
})

test("Argon2's reference implementation and ours agree", async () => {
  expect((await hasher.verify(argon2Hash, 'password')).ok).toBe(true)
  expect((await hasher.verify(argon2Hash, 'Password')).ok).toBe(false)
})

test('bcrypt never fits a password longer than the 72 bytes it reads', async () => {
  const long = 'x'.repeat(73)
  const hash = hashSync(long, 4)
  expect((await hasher.verify(hash, long)).ok).toBe(false)
  expect((await hasher.verify(hashSync('x'.repeat(72), 4), 'x'.repeat(72))).ok).toBe(true)
})

test.each([
  '$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  '$argon2id$v=16$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  '$scrypt$ln=30,r=8,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  '$pbkdf2-sha256$i=9999999$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  '$pbkdf2-md5$i=10000$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  `$2b$31$${'a'.repeat(53)}`,
  'plain text',
])('%s is not accepted: unknown, or dearer than a sign-in may be', (hash) => {
  expect(parsePasswordHash(hash)).toBeUndefined()
})
