import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The demo's secrets, made at the first start and kept in its data folder, beside what they protect. */
export function demoSecrets(folder: string) {
  mkdirSync(folder, { recursive: true })
  return {
    /** Of the portal: the keys in its database are encrypted under it. */
    portal: readOrMake(join(folder, 'demo-secret'), () => randomBytes(32).toString('base64url')),
    /** Of the catalog's webhook: signs what the portal tells it. */
    webhook: readOrMake(join(folder, 'demo-webhook-secret'), () => `whsec_${randomBytes(32).toString('base64')}`),
    /** Of Orders: what it proves itself to the portal with. */
    orders: readOrMake(join(folder, 'demo-orders-secret'), () => randomBytes(32).toString('base64url')),
  }
}

function readOrMake(file: string, make: () => string): string {
  try {
    writeFileSync(file, make(), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8').trim()
}
