import { createHash, randomBytes } from 'node:crypto'
import type { Shop } from './shop.ts'

/** The address an app sends people to, made by hand. */
export function authorizeUrl(shop: Shop, overrides: Record<string, string> = {}): string {
  const challenge = createHash('sha256').update(randomBytes(32).toString('base64url')).digest('base64url')
  const parameters = {
    client_id: 'catalog',
    response_type: 'code',
    redirect_uri: `${shop.catalog}/callback`,
    scope: 'openid profile',
    state: 'made-by-hand',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...overrides,
  }
  return `${shop.issuer}/authorize?${new URLSearchParams(parameters)}`
}
