import { fromBase64Url } from './base64url.ts'

/** Reads the claims of a JWT without verifying it; undefined when it isn't one (tokens may be opaque). */
export function readJwtClaims(token: string): Record<string, unknown> | undefined {
  try {
    const [, payload = ''] = token.split('.')
    const claims: unknown = JSON.parse(fromBase64Url(payload))
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
