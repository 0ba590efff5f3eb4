import { parseArgon2 } from './argon2.ts'
import { parseBcrypt } from './bcrypt.ts'
import type { PasswordHash } from './password-hash.ts'
import { parsePbkdf2 } from './pbkdf2.ts'
import { parseScrypt } from './scrypt.ts'

/** Reads a PHC string: argon2, bcrypt, scrypt or PBKDF2; `undefined` when it is none that we can check. */
export function parsePasswordHash(phc: string): PasswordHash | undefined {
  return parseArgon2(phc) ?? parseBcrypt(phc) ?? parseScrypt(phc) ?? parsePbkdf2(phc)
}
