import { createHash, timingSafeEqual } from 'node:crypto'
import type { ClientConfig } from '../config/schema.ts'

/** Two secrets may be valid while one replaces the other; each is compared in constant time. */
export function holdsSecret(client: ClientConfig, presented: string, now: number): boolean {
  const live = client.client_secrets.filter(
    ({ expires_at }) => expires_at === undefined || Date.parse(expires_at) > now,
  )
  const values = [
    ...(client.client_secret === undefined ? [] : [client.client_secret]),
    ...live.map(({ value }) => value),
  ]
  return values.map((value) => timingSafeEqual(digest(value), digest(presented))).some(Boolean)
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
