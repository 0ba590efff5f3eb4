import { hash } from 'node:crypto'

/** SHA-256, base64url: how ids and tokens are stored, so that a reader of the database can't use them. */
export function hashOf(plain: string): string {
  return hash('sha256', plain, 'base64url')
}
