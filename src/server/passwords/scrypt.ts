import { scrypt, timingSafeEqual } from 'node:crypto'
import { bytesOf } from './base64.ts'
import type { PasswordHash } from './password-hash.ts'

const mostBytes = 512 * 1024 * 1024

const pattern =
  /^\$scrypt\$ln=(?<ln>\d{1,2}),r=(?<r>\d{1,3}),p=(?<p>\d{1,3})\$(?<salt>[A-Za-z0-9+/]{8,86})\$(?<tag>[A-Za-z0-9+/]{22,172})$/

/** Reads `$scrypt$ln=17,r=8,p=1$salt$hash` (RFC 7914). */
export function parseScrypt(phc: string): PasswordHash | undefined {
  const parts = pattern.exec(phc)?.groups
  if (!parts) return undefined
  const [ln, r, p] = [Number(parts.ln), Number(parts.r), Number(parts.p)]
  const bytes = 128 * r * 2 ** ln
  if (ln < 1 || r < 1 || p < 1 || p > 16 || bytes > mostBytes) return undefined
  const [salt, tag] = [bytesOf(parts.salt ?? ''), bytesOf(parts.tag ?? '')]
  return {
    isWeakerThan: () => true,
    verify: async (password) => {
      const options = { N: 2 ** ln, r, p, maxmem: 2 * bytes + 1024 * 1024 }
      return timingSafeEqual(await derive(password, salt, tag.length, options), tag)
    },
  }
}

function derive(
  password: string,
  salt: Buffer,
  length: number,
  options: { N: number; r: number; p: number; maxmem: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
