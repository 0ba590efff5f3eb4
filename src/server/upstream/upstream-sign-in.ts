import type { UpstreamConfig } from '../config/schema.ts'
import type { Profile } from './profile.ts'
import { UpstreamRefused } from './refused.ts'

/** Somebody a provider vouches for. */
export interface UpstreamSignIn {
  upstream: UpstreamConfig
  issuer: string
  subject: string
  /** Asked for only when the person isn't known yet: it may cost another request. */
  profile(): Promise<Profile>
}

/** OpenID Connect Core section 2; PostgreSQL takes no zero byte. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/

/** @throws {UpstreamRefused} */
export function readSubject(sub: unknown): string {
  if (typeof sub === 'string' && SUBJECT.test(sub)) return sub
  throw new UpstreamRefused('upstream-failed', 'the subject is not 1 to 255 ASCII characters')
}
