import { createHmac } from 'node:crypto'
import { deriveKey } from '../keys/sealing.ts'

/** Stands for a name in a row: people type passwords where names belong, so none is kept as it was typed. */
export function keyedNames(secrets: readonly string[], tenant: string): (nameKey: string) => string {
  const key = deriveKey(secrets[0] ?? '', `throttled names of ${tenant}`, 32)
  return (nameKey) => createHmac('sha256', key).update(nameKey).digest('base64url')
}
