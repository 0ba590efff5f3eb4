import { pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { bytesOf } from './base64.ts'
import type { PasswordHash } from './password-hash.ts'

const derive = promisify(pbkdf2)
const mostIterations = 5_000_000

const pattern =
  /^\$pbkdf2-(?<digest>sha1|sha256|sha512)\$(?:i=)?(?<i>\d{1,7})(?:,l=\d{1,3})?\$(?<salt>[A-Za-z0-9+/.]{8,86})\$(?<tag>[A-Za-z0-9+/.]{22,172})$/

/** Reads `$pbkdf2-sha256$i=600000$salt$hash` (RFC 8018), also as passlib writes it, without the `i=`. */
export function parsePbkdf2(phc: string): PasswordHash | undefined {
  const parts = pattern.exec(phc)?.groups
  if (!parts?.digest) return undefined
  const { digest } = parts
  const iterations = Number(parts.i)
  if (iterations < 1 || iterations > mostIterations) return undefined
  const [salt, tag] = [bytesOf(parts.salt ?? ''), bytesOf(parts.tag ?? '')]
  return {
    isWeakerThan: () => true,
    verify: async (password) => timingSafeEqual(await derive(password, salt, iterations, tag.length, digest), tag),
  }
}
