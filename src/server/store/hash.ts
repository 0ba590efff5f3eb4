import { createHash } from 'node:crypto'

/** SHA-256, base64url: how ids and tokens are stored, so that a reader of the database can't use them. */
export function hashOf(plain: string): string {
  return createHash('sha256').update(plain).digest('base64url')
}
